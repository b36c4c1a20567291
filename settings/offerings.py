"""What the stack's region offers and has, looked up before any resource is made."""

from collections.abc import Collection

import pulumi_aws as aws

from settings.reader import refuse


def require_instance_types(types: dict[str, str]) -> None:
    """Raises pulumi.RunError for a type that the region does not offer; `types` are by setting."""
    found = aws.ec2.get_instance_type_offerings(
        filters=[{"name": "instance-type", "values": sorted(set(types.values()))}]
    )
    for key, instance_type in types.items():
        _require(key, instance_type, found.instance_types, found.region)


def _require(key: str, instance_type: str, offered: Collection[str], region: str) -> None:
    if instance_type not in offered:
        rule = (
            f"must be an EC2 instance type that {region} offers; "
            f"aws ec2 describe-instance-type-offerings --region {region} lists them"
        )
        refuse(key, instance_type, rule)


def require_way_to_version(cluster: str, version: str) -> None:
    """Raises pulumi.RunError for a Kubernetes version to which EKS does not update the cluster."""
    if cluster not in aws.eks.get_clusters().names:
        return
    running = aws.eks.get_cluster(name=cluster).version
    step, runs = _minor(version) - _minor(running), f"the cluster {cluster} runs {running}"
    if step < 0:
        rule = (
            f"must be {running}: {runs}, as EKS upgrades a cluster that leaves standard support, "
            "and takes no upgrade back; set it, then run pulumi up --refresh"
        )
        refuse("kubernetes-version", version, rule)
    if step > 1:
        following = f"1.{_minor(running) + 1}"
        refuse("kubernetes-version", version, f"must be {following} first: {runs}; EKS skips none")


def _minor(version: str) -> int:
    return int(version.partition(".")[2])
