"""The addresses of the cloud's own parts, and arithmetic on those of VPCs."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, collapse_addresses

from localcloud.aws.snapshots import Subnet, Vpc

AWS_API = "192.0.2.10"
S3 = "192.0.2.20"  # of its own, since gateway endpoints lead to this service alone
DNS = "192.0.2.53"
WORLD = "198.18.0.10/24"
WORLD_GATEWAY = "198.18.0.1/24"
MACHINE = "198.18.0.20"  # the source address of commands on the machine, as EKS sees it
UPLINKS = IPv4Network("100.64.0.0/15")  # of VPC routers, then of control planes
UPLINKS_PER_KIND = 256
VPC_ROUTER, CONTROL_PLANE = 0, 1  # the kinds of uplinks
RESOLVER_LINK_LOCAL = "169.254.169.253"  # the resolver's second address, the same in every VPC


def uplink(kind: int, number: int) -> tuple[str, str]:
    """The addresses of an uplink, at the backbone and at the other end, with prefix length.

    kind: VPC_ROUTER or CONTROL_PLANE.
    """
    first = int(UPLINKS.network_address) + (kind << 16) + (number << 8)
    network = IPv4Network((first, 30))
    return f"{network[1]}/30", f"{network[2]}/30"


def numbered(names: Iterable[str], before: Mapping[str, int]) -> dict[str, int]:
    """A number from 0 for every name; a name in `before` keeps its number.

    Raises ValueError when there are more than 256.
    """
    wanted = sorted(set(names))
    kept = {name: before[name] for name in wanted if name in before}
    free = iter(sorted(set(range(UPLINKS_PER_KIND)) - set(kept.values())))
    try:
        return kept | {name: next(free) for name in wanted if name not in kept}
    except StopIteration:
        raise ValueError(
            f"{len(wanted)} networks: the local cloud connects {UPLINKS_PER_KIND} at most"
        ) from None


def gateway(subnet: Subnet) -> str:
    """A subnet's router address: its base + 1."""
    return str(IPv4Network(subnet.cidr)[1])


def resolver(vpc: Vpc) -> str:
    """A VPC's DNS server: the base + 2 of its first CIDR."""
    return str(IPv4Network(vpc.cidrs[0])[2])


def collapsed(cidrs: Iterable[str]) -> list[str]:
    """The same addresses in as few CIDRs as possible; nftables refuses overlapping ones."""
    return [str(network) for network in collapse_addresses(map(IPv4Network, cidrs))]


def check(vpc: Vpc) -> None:
    """Raises ValueError for a VPC that overlaps with the local cloud's own uplinks."""
    for cidr in vpc.cidrs:
        if IPv4Network(cidr).overlaps(UPLINKS):
            raise ValueError(f"{vpc.id}: CIDR {cidr} overlaps {UPLINKS}, the local cloud's own")
