"""The nodes: a managed node group in private subnets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.roles import service_role

_POLICIES = (
    "AmazonEKSWorkerNodePolicy",  # join the cluster; give credentials to pods (Pod Identity)
    "AmazonEKS_CNI_Policy",  # the vpc-cni add-on uses the node's role
    "AmazonEC2ContainerRegistryPullOnly",
)
_IMAGES = "/aws/service/eks/optimized-ami"  # public parameters, which AWS keeps up to date


@dataclass(frozen=True, kw_only=True)
class NodeSpec:
    """How many nodes there are, of which EC2 type (x86_64), with how large a disk, and whether EKS
    replaces broken ones."""

    instance_type: str
    count: int
    disk_gib: int
    repair: bool


@dataclass(frozen=True, kw_only=True)
class NodeGroupArgs:
    """`tags` are for instances, their volumes and interfaces, which EKS makes and the AWS provider
    therefore does not tag. `after` is what must exist, and be upgraded, first: the cluster, its
    DaemonSet add-ons, the routes out of the subnets."""

    spec: NodeSpec
    cluster_name: str
    tags: Mapping[str, str]
    kubernetes_version: str
    subnet_ids: Sequence[pulumi.Input[str]]
    after: Sequence[pulumi.Resource]


class NodeGroup(pulumi.ComponentResource):
    """Amazon Linux 2023 nodes (x86_64): IMDSv2 only, encrypted disks, no SSH key.

    A change of the Kubernetes version, the image's release or the disk replaces one node after the
    other; a change of the instance type or the subnets makes a new group, which has no fixed name,
    before the old one is deleted.
    """

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
            version=args.kubernetes_version,
            release_version=self._release(args.kubernetes_version),
            instance_types=[args.spec.instance_type],
            scaling_config={
                "min_size": args.spec.count,
                "desired_size": args.spec.count,
                "max_size": args.spec.count + 1,
            },
            update_config={"max_unavailable": 1},
            node_repair_config={"enabled": args.spec.repair},
            launch_template={
                "id": template.id,
                "version": template.latest_version.apply(str),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.after, *node.attachments]),
        )
        self.register_outputs({"node_group_name": self.resource.node_group_name})

    def _release(self, kubernetes_version: str) -> pulumi.Output[str]:
        """The release of the nodes' image that AWS recommends now."""
        image = f"{_IMAGES}/{kubernetes_version}/amazon-linux-2023/x86_64/standard/recommended"
        return aws.ssm.get_parameter_output(
            name=f"{image}/release_version", opts=pulumi.InvokeOutputOptions(parent=self)
        ).insecure_value

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
                        "volume_size": args.spec.disk_gib,
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
