"""Security groups as nftables sets and chains.

One set per group holds the addresses of its members, with those of their pods. For each combination
of groups that an interface has, there is a chain per direction that allows what any of them allows.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from localcloud.aws.snapshots import Interface, Rule, Vpc
from localcloud.network.fabric.addresses import collapsed
from localcloud.network.fabric.model import BALANCER_PREFIX, device

Direction = Literal["ingress", "egress"]
PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp"}
ANY = -1  # as a port, ICMP type or code of a rule


def chain_name(direction: Direction, group_ids: Iterable[str]) -> str:
    """The name of the chain of a combination of groups."""
    return "_".join([direction, *sorted(group_ids)])


def address_sets(vpc: Vpc) -> str:
    """A set of member addresses for every group of the VPC."""
    sets = []
    for group in vpc.groups:
        members = collapsed(
            address
            for interface in vpc.interfaces
            if group.id in interface.groups
            for address in (interface.private_ip, *interface.prefixes)
        )
        elements = f"elements = {{ {', '.join(members)} }}; " if members else ""
        sets.append(f"  set {group.id} {{ type ipv4_addr; flags interval; {elements}}}")
    return "\n".join(sets)


def addresses_of(interfaces: Iterable[Interface]) -> list[str]:
    """The private and public addresses of interfaces."""
    found = (ip for each in interfaces for ip in (each.private_ip, each.public_ip) if ip)
    return sorted(found)


def chains(vpc: Vpc) -> str:
    """The chains of all combinations of groups that interfaces have, in both directions.

    Egress chains return what they allow, since the ingress chain of the receiver decides next;
    ingress chains accept it. Interfaces without groups, which only network load balancers may have,
    are not filtered.
    """
    combinations = sorted({tuple(sorted(interface.groups)) for interface in vpc.interfaces})
    return "\n".join(
        _chain(vpc, direction, combination, "return" if direction == "egress" else "accept")
        for combination in combinations
        for direction in ("egress", "ingress")
    )


def _chain(vpc: Vpc, direction: Direction, group_ids: tuple[str, ...], allow: str) -> str:
    peers = _members(vpc, direction)
    lines = [
        f"    {match}{' ' if match else ''}{allow}"
        for group in vpc.groups
        if group.id in group_ids
        for rule in (group.egress if direction == "egress" else group.ingress)
        for match in matches(rule, "daddr" if direction == "egress" else "saddr", peers)
    ]
    last = "    drop" if group_ids else f"    {allow}"
    return "\n".join([f"  chain {chain_name(direction, group_ids)} {{", *lines, last, "  }"])


def _members(vpc: Vpc, direction: Direction) -> dict[str, list[str]]:
    """The nftables matches of the members of each group. Packets that a load balancer in the group
    sends to a target with its client's source address match as well."""
    found = {}
    for group in vpc.groups:
        found[group.id] = [f"ip {'daddr' if direction == 'egress' else 'saddr'} @{group.id}"]
        balancers = [
            each for each in vpc.interfaces
            if group.id in each.groups and each.host.startswith(BALANCER_PREFIX)
        ]  # fmt: skip
        if balancers and direction == "ingress":
            through = f"ct original ip daddr {{ {', '.join(addresses_of(balancers))} }}"
            devices = ", ".join(sorted({f'"{device(each.host)}"' for each in balancers}))
            found[group.id].append(f"{through} ip daddr != @balancers")
            found[group.id].append(f"iifname {{ {devices} }}")
    return found


def matches(rule: Rule, field: str, members: Mapping[str, list[str]]) -> list[str]:
    """nftables expressions; the rule allows a packet that matches any of them.

    field: the packet's field with the peer's address, `saddr` or `daddr`. members: the matches of
    a group's members, by its id; unknown groups have none.
    """
    protocol = _protocol(rule)
    if protocol is None:
        return []
    peers = [match for group in rule.groups for match in members.get(group, ())]
    cidrs = collapsed(rule.cidrs)
    if "0.0.0.0/0" in cidrs:
        peers = [""]
    elif cidrs:
        peers.insert(0, f"ip {field} {{ {', '.join(cidrs)} }}")
    return [" ".join(filter(None, [peer, protocol])) for peer in peers]


def _protocol(rule: Rule) -> str | None:
    """The match on protocol and ports; None for a rule on IPv6 only."""
    protocol = PROTOCOLS.get(rule.protocol, rule.protocol)
    if protocol == "-1":
        return ""
    if protocol in ("tcp", "udp"):
        if ANY in (rule.from_port, rule.to_port) or (rule.from_port, rule.to_port) == (0, 65535):
            return f"meta l4proto {protocol}"
        return f"{protocol} dport {rule.from_port}-{rule.to_port}"
    if protocol == "icmp":
        parts = [f"icmp type {rule.from_port}"] if rule.from_port != ANY else ["meta l4proto icmp"]
        if rule.from_port != ANY and rule.to_port != ANY:
            parts.append(f"icmp code {rule.to_port}")
        return " ".join(parts)
    if protocol in ("icmpv6", "58"):
        return None
    if protocol.isdigit():
        return f"ip protocol {protocol}"
    raise ValueError(f"security group rule: protocol {rule.protocol!r} is not implemented")
