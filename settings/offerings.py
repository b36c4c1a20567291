"""Looks up the stack's cluster, and checks settings against what AWS offers and the account has."""

from collections.abc import Collection
from datetime import UTC, date, datetime

import pulumi
import pulumi_aws as aws

from settings.reader import refuse

_WARNING_DAYS = 60  # before the end of standard support


def find_cluster(name: str) -> aws.eks.GetClusterResult | None:
    """The region's EKS cluster of this name; None if there is none."""
    return aws.eks.get_cluster(name=name) if name in aws.eks.get_clusters().names else None


def require_kubernetes_version(version: str, cluster: aws.eks.GetClusterResult | None) -> None:
    """Raises pulumi.RunError for a version to which EKS does not update an existing cluster, or
    that is not in standard support: extended support costs six times as much. Warns before the
    end of standard support."""
    if cluster:
        _require_update_path(cluster, version)
    found = aws.eks.get_cluster_versions(version_status="STANDARD_SUPPORT").cluster_versions
    ends = {
        each.cluster_version: date.fromisoformat(each.end_of_standard_support_date[:10])
        for each in found
    }
    if version not in ends:
        rule = f"must be a version in standard support: {', '.join(sorted(ends))}"
        refuse("kubernetes-version", version, rule)
    if (ends[version] - datetime.now(UTC).date()).days <= _WARNING_DAYS:
        pulumi.log.warn(
            f"standard support of Kubernetes {version} ends on {ends[version]}, and EKS then "
            "upgrades the cluster itself: raise kubernetes-version before that"
        )


def require_hosted_zone(domain: str) -> None:
    """Raises pulumi.RunError if the account has no public hosted zone of this name."""
    try:
        aws.route53.get_zone(name=domain, private_zone=False)
    except Exception as error:  # the SDK has no other class for it
        if "no matching Route 53 Hosted Zone" not in str(error):
            raise
        rule = "create-zone is false, and the account has no public hosted zone of this name: "
        refuse("domain", domain, f"{rule}create it, or set create-zone to true")


def _require_update_path(cluster: aws.eks.GetClusterResult, version: str) -> None:
    running = cluster.version
    step, runs = _minor(version) - _minor(running), f"the cluster {cluster.name} runs {running}"
    if step < 0:
        rule = (
            f"must be {running}: {runs} (EKS upgrades it itself when standard support ends), and "
            "EKS does not downgrade; set it, then run pulumi up --refresh"
        )
        refuse("kubernetes-version", version, rule)
    if step > 1:
        following = f"1.{_minor(running) + 1}"
        refuse(
            "kubernetes-version",
            version,
            f"must be {following} first: {runs}; EKS skips no version",
        )


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


def require_instance_types(types: dict[str, str]) -> None:
    """Raises pulumi.RunError for a type that the region does not offer; `types` maps a
    setting's key to its value."""
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
