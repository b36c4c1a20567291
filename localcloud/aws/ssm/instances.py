"""The instances that SSM manages: running ones whose agent may register, and can."""

from collections.abc import Iterator
from typing import Any

from localcloud.aws import backends
from localcloud.aws.caller import Caller
from localcloud.aws.iam import policy, principals
from localcloud.aws.readers.ec2 import reaches

REGISTER = "ssm:UpdateInstanceInformation"  # the action by which an agent registers
# The services that an agent needs to reach for that, and for commands.
SERVICES = ("ssm", "ssmmessages")


def role_of(region: str, instance_id: str) -> str | None:
    """The name of the role of an instance's profile, or None."""
    association = backends.ec2(region).iam_instance_profile_associations.get(instance_id)
    roles = association.iam_instance_profile.roles if association else []
    return str(roles[0].name) if roles else None


def _managed(region: str, instance: Any) -> bool:
    if instance.state != "running":
        return False
    role = role_of(region, instance.id)
    if role is None or not reaches(backends.ec2(region), instance.nics[0], SERVICES):
        return False
    agent = Caller("", "", "", role=role)
    documents = principals.of(agent).identity
    return policy.evaluate(documents, policy.Ask(REGISTER)) == "allowed"


def managed(region: str) -> Iterator[Any]:
    """moto's instances that SSM manages in a region."""
    for reservation in backends.ec2(region).reservations.values():
        for instance in reservation.instances:
            if _managed(region, instance):
                yield instance
