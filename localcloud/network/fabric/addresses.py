"""Which addresses the cloud's own parts have, and arithmetic on those of the VPCs."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, collapse_addresses

from localcloud.aws.records import Subnet, Vpc

AWS_API = "192.0.2.10"
DNS = "192.0.2.53"
WORLD = "203.0.113.10/24"
WORLD_GATEWAY = "203.0.113.1/24"
UPLINKS = IPv4Network("100.64.0.0/15")  # of VPC routers, then of control planes
LINKS_PER_KIND = 256
RESOLVER_EVERYWHERE = "169.254.169.253"  # the VPC's resolver, as every VPC knows it too


def uplink(kind: int, number: int) -> tuple[str, str]:
    """The backbone's and the far end's address, with prefix length, of an uplink.

    kind: 0 for a VPC router, 1 for a control plane.
    """
    first = int(UPLINKS.network_address) + (kind << 16) + (number << 8)
    network = IPv4Network((first, 30))
    return f"{network[1]}/30", f"{network[2]}/30"


def numbered(names: Iterable[str], before: Mapping[str, int]) -> dict[str, int]:
    """A number for every name, from 0; a name that had one keeps it.

    Raises ValueError when there are more than 256.
    """
    wanted = sorted(set(names))
    kept = {name: before[name] for name in wanted if name in before}
    free = iter(sorted(set(range(LINKS_PER_KIND)) - set(kept.values())))
    try:
        return kept | {name: next(free) for name in wanted if name not in kept}
    except StopIteration:
        raise ValueError(
            f"{len(wanted)} networks: the local cloud connects {LINKS_PER_KIND} at most"
        ) from None


def gateway(subnet: Subnet) -> str:
    """A subnet's router address: its base + 1."""
    return str(IPv4Network(subnet.cidr)[1])


def resolver(vpc: Vpc) -> str:
    """A VPC's DNS server: the base + 2 of its first CIDR."""
    return str(IPv4Network(vpc.cidrs[0])[2])


def collapsed(cidrs: Iterable[str]) -> list[str]:
    """The same addresses as fewest CIDRs, none overlapping (which nftables would refuse)."""
    return [str(network) for network in collapse_addresses(map(IPv4Network, cidrs))]


def check(vpc: Vpc) -> None:
    """Raises ValueError for a VPC that overlaps with the local cloud's own addresses."""
    for cidr in vpc.cidrs:
        if IPv4Network(cidr).overlaps(UPLINKS):
            raise ValueError(f"{vpc.id}: CIDR {cidr} overlaps {UPLINKS}, the local cloud's own")
