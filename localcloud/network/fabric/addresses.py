"""The addresses of the cloud's own parts, and the addresses that follow from a VPC's CIDRs."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, collapse_addresses

from localcloud.aws.snapshots import Subnet, Vpc

AWS_API = "192.0.2.10"
S3 = "192.0.2.20"  # apart from AWS_API, since gateway endpoints lead to S3 alone
DNS = "192.0.2.53"
WORLD_ADDRESS = "198.18.0.10/24"
WORLD_GATEWAY = "198.18.0.1/24"
MACHINE = "198.18.0.20"  # what publicAccessCidrs must include for commands on the machine
# An uplink is the veth between the backbone and a VPC router (first /16) or a control plane.
UPLINKS = IPv4Network("100.64.0.0/15")
UPLINKS_PER_KIND = 256
VPC_ROUTER_UPLINK, CONTROL_PLANE_UPLINK = 0, 1  # the kinds
RESOLVER_LINK_LOCAL = "169.254.169.253"  # the resolver's second address, the same in every VPC


def uplink(kind: int, number: int) -> tuple[str, str]:
    """The addresses of an uplink, with prefix length: of the backbone, and of the router or
    control plane.

    kind: VPC_ROUTER_UPLINK or CONTROL_PLANE_UPLINK.
    """
    first = int(UPLINKS.network_address) + (kind << 16) + (number << 8)
    network = IPv4Network((first, 30))
    return f"{network[1]}/30", f"{network[2]}/30"


def numbered(names: Iterable[str], before: Mapping[str, int]) -> dict[str, int]:
    """An uplink number from 0 for every name; a name in `before` keeps its number.

    Raises ValueError for more than 256 names.
    """
    wanted = sorted(set(names))
    kept = {name: before[name] for name in wanted if name in before}
    free = iter(sorted(set(range(UPLINKS_PER_KIND)) - set(kept.values())))
    try:
        return kept | {name: next(free) for name in wanted if name not in kept}
    except StopIteration:
        raise ValueError(
            f"{len(wanted)} VPCs or clusters: the local cloud takes {UPLINKS_PER_KIND} at most"
        ) from None


def gateway(subnet: Subnet) -> str:
    """The router's address in a subnet: its first address + 1."""
    return str(IPv4Network(subnet.cidr)[1])


def resolver(vpc: Vpc) -> str:
    """A VPC's DNS server: the first address + 2 of its first CIDR."""
    return str(IPv4Network(vpc.cidrs[0])[2])


def collapsed(cidrs: Iterable[str]) -> list[str]:
    """The same addresses in as few CIDRs as possible; nftables refuses overlapping ones."""
    return [str(network) for network in collapse_addresses(map(IPv4Network, cidrs))]


def check_cidrs(vpc: Vpc) -> None:
    """Raises ValueError for a VPC that overlaps the addresses of uplinks."""
    for cidr in vpc.cidrs:
        if IPv4Network(cidr).overlaps(UPLINKS):
            raise ValueError(f"{vpc.id}: CIDR {cidr} overlaps {UPLINKS}, used by the local cloud")
