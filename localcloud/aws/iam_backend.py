"""moto's IAM, which also remembers since when a role has each of its policies."""

from datetime import UTC, datetime
from typing import Any

from moto.iam.models import IAMBackend

from localcloud.aws import propagation
from localcloud.aws.moto_backend import MotoBackend


class Iam(MotoBackend, IAMBackend):
    """The account's IAM; `role.since` has the time of each of its policies, by name or ARN."""

    def attach_role_policy(self, policy_arn: str, role_name: str) -> None:
        super().attach_role_policy(policy_arn, role_name)
        self._remember(role_name, policy_arn)

    def put_role_policy(self, role_name: str, policy_name: str, policy_json: str) -> None:
        super().put_role_policy(role_name, policy_name, policy_json)
        self._remember(role_name, policy_name)

    def _remember(self, role_name: str, policy: str) -> None:
        role: Any = self.get_role(role_name)
        role.since = {policy: datetime.now(UTC), **getattr(role, "since", {})}


def in_effect(holder: Any, policy: str) -> bool:
    """Whether a policy (name or ARN) of a user, group or role is in effect: it is not too new."""
    since = getattr(holder, "since", {}).get(policy)
    return since is None or propagation.in_effect(since)
