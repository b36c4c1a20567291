"""A load balancer's network interfaces, one per subnet, as AWS creates them in the VPC.

Those of a network load balancer may have addresses that the user chooses: an Elastic IP address if
it is internet-facing, else a private address of the subnet.
"""

from collections.abc import Iterable, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any, Protocol

from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.subnets import Subnet

from localcloud.aws.ec2 import addresses
from localcloud.aws.ec2.backend import Ec2, of_region
from localcloud.aws.ec2.gateways import taken_public
from localcloud.aws.elbv2 import names
from localcloud.aws.errors import AwsError

INTERFACE_TYPES = {
    "application": "interface",
    "classic": "interface",
    "network": "network_load_balancer",
}
RESERVED = 4  # the first addresses of a subnet, and the last one, are AWS's
MAPPING = {"SubnetId", "AllocationId", "PrivateIPv4Address"}  # the members that are implemented
SubnetMapping = Mapping[str, str]  # a SubnetMapping of the API


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


def check(ec2: Ec2, mappings: Iterable[SubnetMapping], scheme: str, kind: str) -> None:
    """Raise AwsError for addresses that a new interface cannot have."""
    mappings = list(mappings)
    allocations = [each["AllocationId"] for each in mappings if "AllocationId" in each]
    private = [each for each in mappings if "PrivateIPv4Address" in each]
    public = scheme == "internet-facing"
    if (allocations or private) and kind != "network":
        raise _invalid(f"A {kind} load balancer has no addresses that you can specify")
    if allocations and not public:
        raise _invalid("Elastic IP addresses cannot be specified for an internal load balancer")
    if private and public:
        message = "Private IPv4 addresses cannot be specified for an internet-facing load balancer"
        raise _invalid(message)
    for allocation in allocations:
        address = allocated(ec2, allocation)
        if address is None:
            message = f"The allocation ID '{allocation}' does not exist"
            raise AwsError("AllocationIdNotFound", message)
        if address.association_id or allocations.count(allocation) > 1:
            raise AwsError("ResourceInUse", "The allocation IDs are not available for use")
    for mapping in private:
        _check_private(ec2, mapping)


def _check_private(ec2: Ec2, mapping: SubnetMapping) -> None:
    subnet, asked = ec2.get_subnet(mapping["SubnetId"]), mapping["PrivateIPv4Address"]
    block = IPv4Network(subnet.cidr_block)
    try:
        number = int(IPv4Address(asked)) - int(block.network_address)
    except AddressValueError:
        raise _invalid(f"'{asked}' is not an IPv4 address") from None
    if not RESERVED <= number < block.num_addresses - 1:
        raise _invalid(f"Private IP address '{asked}' is not one of subnet '{subnet.id}' ({block})")
    if asked in ec2.private_addresses(subnet.id):
        raise _invalid(f"Private IP address '{asked}' is in use")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidConfigurationRequest", message)


def allocated(ec2: Ec2, allocation: str) -> ElasticAddress | None:
    """The Elastic IP address of an allocation id."""
    return next((each for each in ec2.addresses if each.allocation_id == allocation), None)


def update(ec2: Ec2, balancer: Balancer, mappings: Iterable[SubnetMapping] = ()) -> None:
    """Give a balancer exactly one interface in each of its subnets, with its groups."""
    wanted = [subnet.id for subnet in balancer.subnets]
    _delete(ec2, (eni for eni in of(ec2, balancer) if eni.subnet.id not in wanted))
    present = {eni.subnet.id for eni in of(ec2, balancer)}
    by_subnet = {mapping["SubnetId"]: mapping for mapping in mappings}
    for subnet_id in wanted:
        if subnet_id not in present:
            _make(ec2, balancer, by_subnet.get(subnet_id, {"SubnetId": subnet_id}))
    groups = [ec2.get_security_group_from_id(group) for group in balancer.security_groups or []]
    for eni in of(ec2, balancer):
        eni._group_set = [group for group in groups if group]


def remove(ec2: Ec2, balancer: Balancer) -> None:
    """Delete a balancer's interfaces; Elastic IP addresses are free again."""
    _delete(ec2, of(ec2, balancer))


def _delete(ec2: Ec2, enis: Iterable[NetworkInterface]) -> None:
    for eni in list(enis):
        for address in ec2.addresses:
            if address.eni is eni:
                address.eni = address.association_id = None
        del ec2.enis[eni.id]


def _make(ec2: Ec2, balancer: Balancer, mapping: SubnetMapping) -> None:
    eni = ec2.create_network_interface(
        mapping["SubnetId"],
        mapping.get("PrivateIPv4Address"),
        description=names.interface_description(balancer.arn),
    )
    eni.requester_managed = True
    eni.requester_id = "amazon-elb"
    eni.interface_type = INTERFACE_TYPES[balancer.type]
    eni.status = "in-use"
    if "AllocationId" in mapping:
        ec2.associate_address(eni=eni, allocation_id=mapping["AllocationId"])
    elif balancer.scheme == "internet-facing":
        eni.public_ip = addresses.next_public(taken_public())
    vars(eni)["private_ip_is_chosen"] = "PrivateIPv4Address" in mapping


def chosen(ec2: Ec2, balancer: Balancer) -> dict[str, SubnetMapping]:
    """A balancer's present subnet mappings, by subnet, with the addresses that the user chose."""
    found: dict[str, SubnetMapping] = {}
    for eni in of(ec2, balancer):
        found[eni.subnet.id] = mapping = {"SubnetId": str(eni.subnet.id)}
        for address in ec2.addresses:
            if address.eni is eni:
                mapping["AllocationId"] = str(address.allocation_id)
        if vars(eni)["private_ip_is_chosen"]:
            mapping["PrivateIPv4Address"] = str(eni.private_ip_address)
    return found


def check_kept(mappings: Iterable[SubnetMapping], present: Mapping[str, SubnetMapping]) -> None:
    """Raise AwsError if a subnet that stays is to have another address."""
    for mapping in mappings:
        subnet = mapping["SubnetId"]
        if len(mapping) > 1 and mapping != present.get(subnet, mapping):
            raise _invalid(f"The addresses in subnet '{subnet}', which is enabled, cannot change")


def described(balancer: Balancer) -> list[dict[str, Any]]:
    """Replaces availability_zones of moto's FakeLoadBalancer, which lacks the addresses chosen."""
    ec2 = of_region(balancer.arn.split(":")[3])
    mappings = chosen(ec2, balancer)
    return [
        {
            "ZoneName": subnet.availability_zone,
            "SubnetId": subnet.id,
            "LoadBalancerAddresses": _described(ec2, mappings[subnet.id]),
        }
        for subnet in balancer.subnets
    ]


def _described(ec2: Ec2, mapping: SubnetMapping) -> list[dict[str, str]]:
    shown = {key: value for key, value in mapping.items() if key != "SubnetId"}
    if address := allocated(ec2, mapping.get("AllocationId", "")):
        shown["IpAddress"] = address.public_ip
    return [shown] if shown else []
