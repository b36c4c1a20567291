"""What the stack's region offers and has, looked up before any resource is made."""

from collections.abc import Collection
from datetime import UTC, date, datetime

import pulumi
import pulumi_aws as aws

from settings.reader import refuse

_WARNED_DAYS = 60  # before the end of standard support


def cluster_exists(name: str) -> bool:
    """Whether the region has an EKS cluster of this name."""
    return name in aws.eks.get_clusters().names


def require_kubernetes_version(version: str) -> None:
    """Raises pulumi.RunError for a version that EKS has not in standard support; warns before.

    Extended support costs six times as much.
    """
    found = aws.eks.get_cluster_versions(version_status="STANDARD_SUPPORT").cluster_versions
    ends = {
        each.cluster_version: date.fromisoformat(each.end_of_standard_support_date[:10])
        for each in found
    }
    if version not in ends:
        rule = f"must be a version in standard support: {', '.join(sorted(ends))}"
        refuse("kubernetes-version", version, rule)
    if (ends[version] - datetime.now(UTC).date()).days <= _WARNED_DAYS:
        pulumi.log.warn(
            f"standard support of Kubernetes {version} ends on {ends[version]}, and EKS then "
            "upgrades the cluster itself: raise kubernetes-version before"
        )


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
