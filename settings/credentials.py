"""With which AWS credentials the stack's configuration says to run: a kubeconfig needs them too."""

from typing import Any

import pulumi

from components.cluster import Credentials
from settings.reader import refuse

# `aws eks get-token` can pass no more of an assumed role; the name and the duration are of no use.
_TAKEN = {"roleArn", "sessionName", "duration"}


def load() -> Credentials:
    """The profile and the role. Raises pulumi.RunError for a role that no kubeconfig can assume."""
    config = pulumi.Config("aws")
    roles: list[dict[str, Any]] = config.get_object("assumeRoles") or []
    if len(roles) > 1:
        _refuse([role.get("roleArn") for role in roles], "must be one role, not a chain")
    for role in roles:
        if not role.get("roleArn"):
            _refuse(role, "must have a roleArn")
        if more := sorted(set(role) - _TAKEN):
            _refuse(role["roleArn"], f"must have no {', '.join(more)}")
    return Credentials(
        profile=config.get("profile") or "", role_arn=roles[0]["roleArn"] if roles else ""
    )


def _refuse(value: object, rule: str) -> None:
    refuse("aws:assumeRoles", value, f"{rule}, as `aws eks get-token` assumes it for kubectl")
