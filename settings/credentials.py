"""The AWS profile and role of the stack's configuration, which its kubeconfig also uses."""

from typing import Any

import pulumi

from components.cluster import Credentials
from settings.reader import refuse

# `aws eks get-token` assumes a role by its ARN only; a session's name and duration do not matter.
_SUPPORTED = {"roleArn", "sessionName", "duration"}


def load() -> Credentials:
    """The profile and the role. Raises pulumi.RunError for a role that no kubeconfig can assume."""
    config = pulumi.Config("aws")
    roles: list[dict[str, Any]] = config.get_object("assumeRoles") or []
    if len(roles) > 1:
        _refuse([role.get("roleArn") for role in roles], "must be one role, not a chain")
    for role in roles:
        if not role.get("roleArn"):
            _refuse(role, "must have a roleArn")
        if others := sorted(set(role) - _SUPPORTED):
            _refuse(role["roleArn"], f"must have no {', '.join(others)}")
    return Credentials(
        profile=config.get("profile") or "", role_arn=roles[0]["roleArn"] if roles else ""
    )


def _refuse(value: object, rule: str) -> None:
    refuse("aws:assumeRoles", value, f"{rule}, as `aws eks get-token` assumes it for kubectl")
