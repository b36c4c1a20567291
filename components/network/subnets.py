"""Subnet arithmetic: which address ranges a VPC's subnets get. Pure functions, no Pulumi."""

from dataclasses import dataclass
from ipaddress import IPv4Network

MAX_ZONES = 6  # no AWS region has more
_PRIVATE_BITS = 4  # a private subnet is a sixteenth of the VPC: /16 -> /20, 4,091 pods and nodes
_PUBLIC_BITS = 8  # a public subnet holds load balancers and NAT gateways only: /16 -> /24
_LONGEST_PRIVATE = 26  # in a smaller subnet the pods of two nodes run out of addresses
_LONGEST_PUBLIC = 27  # the smallest subnet that a load balancer accepts
_PRIVATE_SPACES = tuple(
    IPv4Network(space)
    for space in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


@dataclass(frozen=True, kw_only=True)
class SubnetPlan:
    """Address ranges of a VPC and its subnets: the n-th private and public one are in the n-th
    zone."""

    vpc: str
    private: tuple[str, ...]
    public: tuple[str, ...]


def plan_subnets(vpc_cidr: str, zone_count: int) -> SubnetPlan:
    """Divide a VPC: its lower half into private subnets, its upper half into public ones.

    A subnet's range depends only on the VPC's and on its zone's number, so a zone added later
    changes no other subnet. Raises ValueError, which says the rule, for a VPC that is not a private
    IPv4 block (RFC 1918 or 100.64.0.0/10), has host bits, or is too small or too large, and for a
    zone count outside 2 to 6.
    """
    if not 2 <= zone_count <= MAX_ZONES:
        raise ValueError(f"must be 2 to {MAX_ZONES}: EKS and load balancers need two zones")
    vpc = parse_cidr(vpc_cidr)
    if not any(vpc.subnet_of(space) for space in _PRIVATE_SPACES):
        spaces = ", ".join(map(str, _PRIVATE_SPACES))
        raise ValueError(f"must be a private block, within one of {spaces}")
    if vpc.prefixlen < 16:
        raise ValueError("is too large: AWS takes a VPC of /16 at most")
    private_prefix = vpc.prefixlen + _PRIVATE_BITS
    public_prefix = min(vpc.prefixlen + _PUBLIC_BITS, _LONGEST_PUBLIC)
    if private_prefix > _LONGEST_PRIVATE:
        raise ValueError(
            f"is too small: a private subnet is 1/{2**_PRIVATE_BITS} of it, and at least a "
            f"/{_LONGEST_PRIVATE}; use a /{_LONGEST_PRIVATE - _PRIVATE_BITS} or larger"
        )
    lower, upper = vpc.subnets(prefixlen_diff=1)
    return SubnetPlan(
        vpc=vpc_cidr,
        private=_first(lower, private_prefix, zone_count),
        public=_first(upper, public_prefix, zone_count),
    )


def parse_cidr(cidr: str) -> IPv4Network:
    """An IPv4 block such as 10.0.0.0/16; ValueError says the rule, and the block that was meant."""
    if "/" not in cidr:
        raise ValueError("must be an IPv4 block with a prefix length, such as 10.0.0.0/16")
    try:
        network = IPv4Network(cidr, strict=False)
    except ValueError:
        raise ValueError("must be an IPv4 block such as 10.0.0.0/16") from None
    if str(network) != cidr:
        raise ValueError(f"must have no host bits and a plain prefix length; use {network}")
    return network


def _first(block: IPv4Network, prefix: int, count: int) -> tuple[str, ...]:
    subnets = block.subnets(new_prefix=prefix)
    return tuple(str(next(subnets)) for _ in range(count))
