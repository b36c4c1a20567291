"""VPC endpoints: ways from the private subnets to services of AWS without NAT."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

# What nodes, add-ons, the load balancer controller and the bastion's agent call, by what needs it:
# https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
# https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html
SERVICES = (
    *("ec2", "ecr.api", "ecr.dkr"),  # a node joins, pods get addresses and images
    *("sts", "eks", "eks-auth"),  # pods get roles
    "elasticloadbalancing",  # the load balancer controller
    *("ssm", "ssmmessages", "ec2messages"),  # the bastion's agent
    "logs",
)


def s3_endpoint(
    name: str,
    *,
    region: str,
    vpc_id: pulumi.Input[str],
    tables: Sequence[aws.ec2.RouteTable],
    opts: pulumi.ResourceOptions,
) -> aws.ec2.VpcEndpoint:
    """A route to S3, which costs nothing: image layers do not pay for passing NAT."""
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
    subnets: Sequence[aws.ec2.Subnet],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """An interface in each subnet for each of SERVICES, under the service's own name, which
    hosts of the VPC reach on port 443."""
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
        for service in SERVICES
    ]
    return [rule, *endpoints]
