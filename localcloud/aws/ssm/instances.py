"""The instances that SSM manages: running ones whose agent may register, and reaches SSM."""

from collections.abc import Iterator
from typing import Any

from localcloud.aws import backends
from localcloud.aws.caller import Caller
from localcloud.aws.iam import policy, principals
from localcloud.aws.readers.ec2 import reaches

REGISTER = "ssm:UpdateInstanceInformation"  # the action by which an agent registers
# The actions by which it waits for sessions and serves them.
CONNECT = tuple(
    f"ssmmessages:{verb}{channel}Channel"
    for verb in ("Create", "Open")
    for channel in ("Control", "Data")
)
# The services that an agent has to reach for both.
SERVICES = ("ssm", "ssmmessages")


def role_of(region: str, instance_id: str) -> str | None:
    """The name of the role of an instance's profile, or None."""
    association = backends.ec2(region).iam_instance_profile_associations.get(instance_id)
    roles = association.iam_instance_profile.roles if association else []
    return str(roles[0].name) if roles else None


def _agent_may(region: str, instance: Any, *actions: str) -> bool:
    """Whether an instance runs and reaches SSM, and its role allows these actions."""
    if instance.state != "running":
        return False
    role = role_of(region, instance.id)
    if role is None or not reaches(backends.ec2(region), instance.nics[0], SERVICES):
        return False
    agent = Caller("", "", "", role=role)
    found = principals.policies_of(agent)
    requests = [policy.PermissionRequest(action) for action in actions]
    return all(
        {found.of_identity(request), *found.of_limits(request).values()} == {"allowed"}
        for request in requests
    )


def managed(region: str) -> Iterator[Any]:
    """moto's instances that SSM manages in a region."""
    return (each for each in _all(region) if _agent_may(region, each, REGISTER))


def connected(region: str) -> set[str]:
    """The ids of the managed instances that serve sessions."""
    return {each.id for each in _all(region) if _agent_may(region, each, REGISTER, *CONNECT)}


def running(region: str) -> set[str]:
    """The ids of the instances that run in a region."""
    return {each.id for each in _all(region) if each.state == "running"}


def _all(region: str) -> Iterator[Any]:
    for reservation in backends.ec2(region).reservations.values():
        yield from reservation.instances
