"""Which targets a target group can have, as RegisterTargets checks them."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from moto.elbv2.models import FakeTargetGroup

from localcloud.aws.ec2.backend import Ec2
from localcloud.aws.elbv2 import limits
from localcloud.aws.errors import AwsError

Target = dict[str, Any]  # a TargetDescription of the API
Member = tuple[str, int]  # a target's id and port, by which a group stores it
INSTANCE_ID = re.compile(r"i-[0-9a-f]{8,17}")
# "The IP addresses must be from one of the following CIDR blocks": the VPC's, or one of these.
# docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")


def member(target: Target, group: FakeTargetGroup) -> Member:
    """Its id and port; the group's port unless the target has one of its own."""
    return target["Id"], int(target.get("Port") or group.port)


def check_kind(targets: Iterable[Target], group: FakeTargetGroup) -> None:
    """Raise AwsError for an address in a group of instances, and the other way round."""
    for target in targets:
        if group.target_type == "instance" and not INSTANCE_ID.fullmatch(target["Id"]):
            raise _invalid(f"Instance ID '{target['Id']}' is not valid")
        if group.target_type == "ip" and _address(target["Id"]) is None:
            raise _invalid(f"The IP address '{target['Id']}' is not a valid IPv4 address")


def check(targets: list[Target], group: FakeTargetGroup, ec2: Ec2) -> None:
    """Raise AwsError unless all can be registered."""
    check_kind(targets, group)
    if group.target_type == "instance":
        _check_instances(sorted({target["Id"] for target in targets}), group, ec2)
    else:
        _check_addresses(targets, group, ec2)
    members = {*group.targets, *(member(target, group) for target in targets)}
    limits.check("targets-per-target-group", len(members))


def _check_instances(ids: list[str], group: FakeTargetGroup, ec2: Ec2) -> None:
    found = {each: ec2.get_instance_by_id(each) for each in ids}
    if missing := [each for each, instance in found.items() if instance is None]:
        raise _invalid(f"The following instances do not exist: {_listed(missing)}")
    outside = [each for each, it in found.items() if it and it.vpc_id != group.vpc_id]
    if outside:
        text = f"not in the target group VPC '{group.vpc_id}': {_listed(outside)}"
        raise _invalid(f"The following targets are {text}")
    if idle := [each for each, it in found.items() if it and it.state != "running"]:
        text = "The following targets are not in a running state and cannot be registered"
        raise _invalid(f"{text}: {_listed(idle)}")


def _check_addresses(targets: list[Target], group: FakeTargetGroup, ec2: Ec2) -> None:
    associations = ec2.get_vpc(group.vpc_id).get_cidr_block_association_set()
    own = [IPv4Network(each["cidr_block"]) for each in associations]
    for target in targets:
        address = IPv4Address(target["Id"])
        if any(address in block for block in own):
            continue
        if not any(address in IPv4Network(block) for block in PRIVATE):
            text = f"is in none of the CIDR blocks {', '.join([*map(str, own), *PRIVATE])}"
            raise _invalid(f"The IP address '{address}' {text}")
        if target.get("AvailabilityZone") != "all":
            text = f"is outside VPC '{group.vpc_id}', so its Availability Zone has to be 'all'"
            raise _invalid(f"The IP address '{address}' {text}")


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except ValueError:
        return None


def _listed(ids: list[str]) -> str:
    return ", ".join(f"'{each}'" for each in ids)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidTarget", message)
