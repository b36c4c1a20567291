"""Allocates addresses to network interfaces: private ones from their subnet in order, public ones
from a documentation network. moto picks both at random."""

import ipaddress
from collections.abc import Iterable

# TEST-NET-2 (RFC 5737), which is not routed on the internet.
PUBLIC = ipaddress.IPv4Network("198.51.100.0/24")
SMALLEST_POD_PREFIX = 28  # what the VPC CNI assigns (prefix delegation)
LARGEST_POD_PREFIX = 25  # 128 addresses: more than the 110 pods of a node
SHARE_BITS = 2  # the pods of a node get at most 1/2² of a small subnet


def next_public(taken: Iterable[str]) -> str:
    """The lowest free public address. Raises LookupError when all 254 are taken."""
    used = set(taken)
    for address in PUBLIC.hosts():
        if str(address) not in used:
            return str(address)
    raise LookupError(f"all public addresses of {PUBLIC} are taken")


def next_private(subnet: ipaddress.IPv4Network, taken: Iterable[str]) -> str:
    """The lowest free address of a subnet; AWS reserves the first four and the last.

    Raises LookupError when the subnet is full.
    """
    used = set(taken)
    for number in range(4, subnet.num_addresses - 1):
        address = str(subnet[number])
        if address not in used:
            return address
    raise LookupError(f"subnet {subnet} has no free address")


def pod_prefix(
    subnet: ipaddress.IPv4Network, addresses: Iterable[str], prefixes: Iterable[str]
) -> ipaddress.IPv4Network:
    """The highest free block of a subnet, for the pods of another node.

    `addresses` are those of interfaces, `prefixes` the blocks of other nodes. The block is as large
    as possible, from a quarter of the subnet (at most a /25) down to a /28.
    Raises LookupError when not even a /28 is free.
    """
    reserved = [subnet[number] for number in range(4)]
    used = [*map(ipaddress.IPv4Address, addresses), *reserved]
    blocks = [ipaddress.IPv4Network(prefix) for prefix in prefixes]
    largest = max(subnet.prefixlen + SHARE_BITS, LARGEST_POD_PREFIX)
    for length in range(min(largest, SMALLEST_POD_PREFIX), SMALLEST_POD_PREFIX + 1):
        if length < subnet.prefixlen:
            continue
        for number in reversed(range(2 ** (length - subnet.prefixlen))):
            start = int(subnet.network_address) + number * 2 ** (32 - length)
            block = ipaddress.IPv4Network((start, length))
            if not any(a in block for a in used) and not any(b.overlaps(block) for b in blocks):
                return block
    raise LookupError(f"subnet {subnet} has no free /{SMALLEST_POD_PREFIX} for pods")
