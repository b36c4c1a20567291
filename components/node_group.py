"""The nodes: a managed node group in private subnets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.roles import service_role

_POLICIES = (
    "AmazonEKSWorkerNodePolicy",  # join the cluster; hand credentials to pods (Pod Identity)
    "AmazonEKS_CNI_Policy",  # the vpc-cni add-on takes its rights from the node
    "AmazonEC2ContainerRegistryPullOnly",
)
_DISK_GIB = 20


@dataclass(frozen=True, kw_only=True)
class NodeSpec:
    """How many nodes there are, 1 to 450 in ascending order, and of which EC2 type (x86_64)."""

    instance_type: str
    minimum: int
    desired: int
    maximum: int


@dataclass(frozen=True, kw_only=True)
class NodeGroupArgs:
    """`tags` are for instances, their volumes and interfaces, which no provider tags: EKS makes
    them. `cluster_name` may be known before the cluster stands: `after` holds what must stand first
    (the cluster, its networking add-ons, the routes out of the subnets)."""

    spec: NodeSpec
    cluster_name: str
    tags: Mapping[str, str]
    subnet_ids: Sequence[pulumi.Input[str]]
    after: Sequence[pulumi.Resource]


class NodeGroup(pulumi.ComponentResource):
    """Amazon Linux 2023 nodes (x86_64): IMDSv2 only, encrypted disks, no SSH key."""

    resource: aws.eks.NodeGroup

    def __init__(
        self, name: str, args: NodeGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("eks-service-types:index:NodeGroup", name, None, opts)
        node = service_role(
            name, service="ec2.amazonaws.com", managed_policies=_POLICIES, parent=self
        )
        template = self._launch_template(name, args)
        self.resource = aws.eks.NodeGroup(
            f"{name}-group",
            cluster_name=args.cluster_name,
            node_role_arn=node.role.arn,
            subnet_ids=args.subnet_ids,
            ami_type="AL2023_x86_64_STANDARD",
            instance_types=[args.spec.instance_type],
            scaling_config={
                "min_size": args.spec.minimum,
                "desired_size": args.spec.desired,
                "max_size": args.spec.maximum,
            },
            update_config={"max_unavailable": 1},
            launch_template={
                "id": template.id,
                "version": template.latest_version.apply(str),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.after, *node.rights]),
        )
        self.register_outputs({"node_group_name": self.resource.node_group_name})

    def _launch_template(self, name: str, args: NodeGroupArgs) -> aws.ec2.LaunchTemplate:
        return aws.ec2.LaunchTemplate(
            f"{name}-template",
            update_default_version=True,
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                "http_put_response_hop_limit": 1,  # pods cannot take the node's credentials
            },
            block_device_mappings=[
                {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "encrypted": "true",
                        "volume_size": _DISK_GIB,
                        "volume_type": "gp3",
                        "delete_on_termination": "true",
                    },
                }
            ],
            tag_specifications=[
                {"resource_type": kind, "tags": {**args.tags, "Name": f"{args.cluster_name}-node"}}
                for kind in ("instance", "volume", "network-interface")
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
