"""VPC endpoints, through which private subnets reach services of AWS without NAT."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

# What nodes, add-ons, the load balancer controller and the bastion's agent call:
# https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
# https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html
SERVICES = (
    "ec2", "ecr.api", "ecr.dkr",  # nodes join; pods get addresses and images
    "sts", "eks", "eks-auth",  # pods get credentials
    "elasticloadbalancing",  # the load balancer controller
    "ssm", "ssmmessages", "ec2messages",  # the bastion's agent
    "logs",
)  # fmt: skip
WAF = "wafv2"  # with AWS WAF the controller calls it, too


def s3_endpoint(
    name: str,
    *,
    region: str,
    vpc_id: pulumi.Input[str],
    tables: Sequence[aws.ec2.RouteTable],
    opts: pulumi.ResourceOptions,
) -> aws.ec2.VpcEndpoint:
    """A free route to S3: image layers then cost no NAT traffic."""
    return aws.ec2.VpcEndpoint(
        f"{name}-s3-endpoint",
        vpc_id=vpc_id,
        service_name=f"com.amazonaws.{region}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id for table in tables],
        tags={"Name": f"{name}-s3"},
        opts=opts,
    )


def interface_endpoints(
    name: str,
    *,
    region: str,
    vpc_id: pulumi.Input[str],
    cidr: str,
    services: Sequence[str],
    subnets: Sequence[aws.ec2.Subnet],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """An interface endpoint for each service in all subnets, under the service's own DNS name;
    hosts of the VPC reach it on port 443."""
    group, rule = _https_from_vpc(name, vpc_id, cidr, opts)
    endpoints = [
        aws.ec2.VpcEndpoint(
            f"{name}-{service.replace('.', '-')}-endpoint",
            vpc_id=vpc_id,
            service_name=f"com.amazonaws.{region}.{service}",
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=[subnet.id for subnet in subnets],
            security_group_ids=[group.id],
            tags={"Name": f"{name}-{service}"},
            opts=opts,
        )
        for service in services
    ]
    return [rule, *endpoints]


def _https_from_vpc(
    name: str, vpc_id: pulumi.Input[str], cidr: str, opts: pulumi.ResourceOptions
) -> tuple[aws.ec2.SecurityGroup, pulumi.Resource]:
    group = aws.ec2.SecurityGroup(
        f"{name}-endpoints-security-group",
        vpc_id=vpc_id,
        description="VPC endpoints: HTTPS from the VPC",
        opts=opts,
    )
    rule = aws.vpc.SecurityGroupIngressRule(
        f"{name}-into-endpoints",
        security_group_id=group.id,
        description="HTTPS from the VPC",
        cidr_ipv4=cidr,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        opts=opts,
    )
    return group, rule
