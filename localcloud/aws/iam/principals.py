"""The policies that apply to a caller, from moto's IAM."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws import backends
from localcloud.aws.caller import Caller
from localcloud.aws.iam.policy import PermissionRequest, Verdict, evaluate
from localcloud.aws.iam_backend import in_effect


@dataclass(frozen=True)
class Policies:
    """`identity` are policy documents that grant. Each document in `limits` must allow as well; its
    key says what it is, "permissions boundary" or "session policy"."""

    identity: tuple[str, ...]
    limits: Mapping[str, str] = field(default_factory=dict)

    def of_identity(self, request: PermissionRequest) -> Verdict:
        """The verdict of the policies that grant."""
        return evaluate(self.identity, request)

    def of_limits(self, request: PermissionRequest) -> dict[str, Verdict]:
        """The verdict of each limit, by its kind."""
        return {kind: evaluate([document], request) for kind, document in self.limits.items()}


def unique_id(arn: str) -> str | None:
    """The id of the user or role that has this ARN now, such as AROA...; None if none has."""
    iam = backends.iam()
    holders: list[Any] = [*iam.roles.values(), *iam.users.values()]
    for holder in holders:
        if holder.arn == arn:
            return str(holder.id)
    return None


def policies_of(caller: Caller) -> Policies:
    """The policies of a caller."""
    iam = backends.iam()
    if caller.user:
        user = iam.users[caller.user]
        groups = [group for group in iam.groups.values() if user in group.users]
        documents = [text for holder in (user, *groups) for text in _documents(holder)]
        return Policies(tuple(documents))
    # moto stores roles by id
    role = next((role for role in iam.roles.values() if role.name == caller.role), None)
    if role is None:  # it was deleted: its sessions have no rights
        return Policies(())
    limits = {}
    if role.permissions_boundary_arn in iam.managed_policies:
        boundary = iam.managed_policies[role.permissions_boundary_arn]
        limits["permissions boundary"] = _default(boundary)
    if session := _session_policy(caller.key_id):
        limits["session policy"] = session
    return Policies(tuple(_documents(role)), limits)


def _documents(holder: Any) -> Iterator[str]:
    for name, inline in holder.policies.items():
        if in_effect(holder, name):
            yield inline if isinstance(inline, str) else json.dumps(inline)
    for arn, managed in holder.managed_policies.items():
        if in_effect(holder, arn):
            yield _default(managed)


def _default(policy: Any) -> str:
    """The text of a managed policy's default version."""
    version = next(v for v in policy.versions if v.version_id == policy.default_version_id)
    text = version.document
    return text if isinstance(text, str) else json.dumps(text)


def _session(key_id: str) -> Any:
    sessions = reversed(backends.sts().assumed_roles)
    return next((session for session in sessions if session.access_key_id == key_id), None)


def _session_policy(key_id: str) -> str | None:
    session = _session(key_id)
    return session.policy or None if session else None


def session_tags(caller: Caller) -> Mapping[str, str]:
    """The tags of a caller's session, empty for a user."""
    tags: Mapping[str, str] = getattr(_session(caller.key_id), "session_tags", {})
    return tags
