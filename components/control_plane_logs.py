"""The log group of a cluster's control plane, which outlives the cluster.

EKS makes a group that is missing, without key and retention, also in the minutes after a cluster's
deletion (github.com/terraform-aws-modules/terraform-aws-eks/issues/2763); the next cluster of that
name then finds its group taken. So `pulumi destroy` keeps the group and its key, and `pulumi up`
imports a group that exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# Properties that an import must not change; the next `up` sets them.
_GROUP_PROPERTIES = ("kmsKeyId", "retentionInDays", "skipDestroy", "tags", "tagsAll")
_KEY_PROPERTIES = (
    "bypassPolicyLockoutSafetyCheck", "deletionWindowInDays", "description",
    "enableKeyRotation", "policy", "rotationPeriodInDays", "tags", "tagsAll",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ControlPlaneLogs:
    """A log group's name and its key's id. `exists`: the group is there already, made by EKS or
    kept by an earlier `destroy`; `adopted`: the stack imports it now, for a new cluster."""

    name: str
    key_id: str
    exists: bool
    adopted: bool

    def group_options(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        return self._options(parent, self.name if self.exists else None, _GROUP_PROPERTIES)

    def key_options(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        return self._options(parent, self.key_id or None, _KEY_PROPERTIES)

    def _options(
        self, parent: pulumi.Resource, found: str | None, unchanged: Sequence[str]
    ) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=parent,
            retain_on_delete=True,
            import_=found,  # no effect on what is in the stack's state already
            ignore_changes=list(unchanged) if found and self.adopted else None,
        )


def find_logs(cluster: str, *, new: bool) -> ControlPlaneLogs:
    """The log group of a cluster, which is `new` if it does not exist yet."""
    name = f"/aws/eks/{cluster}/cluster"  # EKS writes to this name
    found = name in aws.cloudwatch.get_log_groups(log_group_name_prefix=name).log_group_names
    key_arn = aws.cloudwatch.get_log_group(name=name).kms_key_id if found else ""
    if found and new and not key_arn:
        pulumi.log.warn(
            f"{name} was made by EKS: the next `pulumi up` sets its key and its retention"
        )
    return ControlPlaneLogs(
        name=name, key_id=key_arn.rpartition("/")[2], exists=found, adopted=found and new
    )
