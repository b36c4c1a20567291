"""The bastion: an instance in a private subnet that runs commands from SSM inside the VPC."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.cluster import Cluster
from components.network import EVERYWHERE, Network
from components.roles import ServiceRole, service_role

NODE_PORTS = (30000, 32767)  # Kubernetes' own default range


@dataclass(frozen=True, kw_only=True)
class BastionArgs:
    """The network, in whose first private subnet the bastion is, and the cluster it may reach."""

    network: Network
    cluster: Cluster
    instance_type: str


class Bastion(pulumi.ComponentResource):
    """An Amazon Linux 2023 instance (x86_64) without key, public address or inbound rule."""

    instance_id: pulumi.Output[str]
    # What must exist for it to reach the cluster's API.
    ready: list[pulumi.Resource]

    def __init__(
        self, name: str, args: BastionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("eks-service-types:index:Bastion", name, None, opts)
        ssm_role = service_role(
            name,
            service="ec2.amazonaws.com",
            managed_policies=["AmazonSSMManagedInstanceCore"],
            parent=self,
        )
        group = aws.ec2.SecurityGroup(
            f"{name}-security-group",
            vpc_id=args.network.vpc_id,
            description="Bastion: nothing in; SSM, NodePorts and internal load balancers out",
            opts=pulumi.ResourceOptions(parent=self),
        )
        rules = [
            *self._allow_out(name, group, args.network.cidr),
            *self._allow_into_cluster(name, group, args.cluster.security_group_id),
        ]
        instance = self._instance(name, args, group, ssm_role, [*rules, *args.network.connectivity])
        self.instance_id = instance.id
        self.ready = [*rules, instance]
        self.register_outputs({"instance_id": self.instance_id})

    def _allow_out(
        self, name: str, group: aws.ec2.SecurityGroup, vpc_cidr: str
    ) -> list[pulumi.Resource]:
        rules = (
            ("https", "SSM, package repositories and the Kubernetes API", EVERYWHERE, 443, 443),
            ("http", "Load balancers inside the VPC", vpc_cidr, 80, 80),
            ("node-ports", "NodePorts of the cluster", vpc_cidr, *NODE_PORTS),
        )
        return [
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-to-{suffix}",
                security_group_id=group.id,
                description=description,
                ip_protocol="tcp",
                from_port=first,
                to_port=last,
                cidr_ipv4=cidr,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for suffix, description, cidr, first, last in rules
        ]

    def _allow_into_cluster(
        self, name: str, group: aws.ec2.SecurityGroup, cluster_group_id: pulumi.Input[str]
    ) -> list[pulumi.Resource]:
        """Without these rules, the cluster security group lets in only its own members."""
        rules = (("nodes", "NodePorts", *NODE_PORTS), ("api", "Kubernetes API", 443, 443))
        return [
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-into-{suffix}",
                security_group_id=cluster_group_id,
                referenced_security_group_id=group.id,
                description=f"{what} from the bastion",
                ip_protocol="tcp",
                from_port=first,
                to_port=last,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for suffix, what, first, last in rules
        ]

    def _instance(
        self,
        name: str,
        args: BastionArgs,
        group: aws.ec2.SecurityGroup,
        ssm_role: ServiceRole,
        after: Sequence[pulumi.Resource],
    ) -> aws.ec2.Instance:
        profile = aws.iam.InstanceProfile(
            f"{name}-profile", role=ssm_role.role.name, opts=pulumi.ResourceOptions(parent=self)
        )
        image = aws.ec2.get_ami_output(
            most_recent=True,
            owners=["amazon"],
            filters=[{"name": "name", "values": ["al2023-ami-2023.*-x86_64"]}],
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        return aws.ec2.Instance(
            f"{name}-instance",
            ami=image.id,
            instance_type=args.instance_type,
            subnet_id=args.network.private_subnet_ids[0],
            vpc_security_group_ids=[group.id],
            iam_instance_profile=profile.name,
            associate_public_ip_address=False,
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                "http_put_response_hop_limit": 1,
            },
            root_block_device={"encrypted": True, "volume_type": "gp3"},
            tags={"Name": "bastion"},
            opts=pulumi.ResourceOptions(
                parent=self,
                # The agent asks for credentials at boot only: policies and routes must exist first.
                depends_on=[*ssm_role.attachments, *after],
                ignore_changes=["ami"],  # AWS's new image every week must not replace the instance
            ),
        )
