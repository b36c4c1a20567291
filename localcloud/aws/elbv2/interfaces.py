"""A load balancer's network interfaces, one per subnet, as AWS creates them in the VPC."""

from typing import Protocol

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.subnets import Subnet

from localcloud.aws.ec2 import addresses
from localcloud.aws.ec2.backend import Ec2
from localcloud.aws.ec2.gateways import taken_public
from localcloud.aws.elbv2 import names

INTERFACE_TYPES = {
    "application": "interface",
    "classic": "interface",
    "network": "network_load_balancer",
}


class Balancer(Protocol):
    """A load balancer of any type; `security_groups` are ids."""

    @property
    def arn(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def scheme(self) -> str: ...

    @property
    def subnets(self) -> list[Subnet]: ...

    @property
    def security_groups(self) -> list[str]: ...


def of(ec2: Ec2, balancer: Balancer) -> list[NetworkInterface]:
    """The interfaces that a balancer has now."""
    description = names.interface_description(balancer.arn)
    return [eni for eni in ec2.enis.values() if eni.description == description]


def update(ec2: Ec2, balancer: Balancer) -> None:
    """Give a balancer exactly one interface in each of its subnets, with its groups."""
    wanted = [subnet.id for subnet in balancer.subnets]
    for eni in of(ec2, balancer):
        if eni.subnet.id not in wanted:
            del ec2.enis[eni.id]
    present = {eni.subnet.id for eni in of(ec2, balancer)}
    for subnet_id in wanted:
        if subnet_id not in present:
            _make(ec2, balancer, subnet_id)
    groups = [ec2.get_security_group_from_id(group) for group in balancer.security_groups or []]
    for eni in of(ec2, balancer):
        eni._group_set = [group for group in groups if group]


def remove(ec2: Ec2, balancer: Balancer) -> None:
    """Delete a balancer's interfaces."""
    for eni in of(ec2, balancer):
        del ec2.enis[eni.id]


def _make(ec2: Ec2, balancer: Balancer, subnet_id: str) -> None:
    eni = ec2.create_network_interface(
        subnet_id, None, description=names.interface_description(balancer.arn)
    )
    eni.requester_managed = True
    eni.requester_id = "amazon-elb"
    eni.interface_type = INTERFACE_TYPES[balancer.type]
    eni.status = "in-use"
    if balancer.scheme == "internet-facing":
        eni.public_ip = addresses.next_public(taken_public())
