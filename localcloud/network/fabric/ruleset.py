"""A VPC's rules as one nftables script for its router: groups, gateways, NAT, the resolver.

Packets are dropped by the last rule of a chain, not by the chain's policy: although a script is one
transaction, the kernel calls its new chains a moment before they have rules.

The device up0 is the router's uplink. The chain `forward` applies the security groups to most
packets. Where addresses change on the way, other chains do, too:
- packets to an interface endpoint, which DNAT sends to the AWS API: before_dnat;
- packets to an application or network load balancer (a classic one is filtered as an instance is):
  before_dnat applies its ingress rules. A network load balancer's own table
  (balancer/network_load_balancer.py) then sends them to a target by DNAT: forwarded_by_balancer
  applies its egress rules, and after_snat the target's ingress rules. Packets from the VPC to a
  public address of a load balancer first leave by up0, and come back by it;
- connections that the nginx of a TLS listener opens with a client's source address: after_snat.
"""

from collections.abc import Iterable, Mapping

from localcloud.aws.snapshots import Interface, Vpc
from localcloud.network.fabric import addresses, groups
from localcloud.network.fabric.model import BALANCER_PREFIX, device

_TABLE = """\
table ip vpc
delete table ip vpc
table ip vpc {{
  set resolver {{ type ipv4_addr; elements = {{ {resolver}, {link_local} }}; }}
  set balancers {{ type ipv4_addr; {balancers} }}
  set balancer_devices {{ type ifname; {devices} }}
{sets}
{chains}
  map egress_chains {{ type ipv4_addr : verdict; flags interval; {egress} }}
  map ingress_chains {{ type ipv4_addr : verdict; flags interval; {ingress} }}
  map public_to_private {{ type ipv4_addr : ipv4_addr; {public_to_private} }}
  map private_to_public {{ type ipv4_addr : ipv4_addr; flags interval; {private_to_public} }}
  map balancer_ingress_chains {{ type ipv4_addr : verdict; {balancer_ingress_chains} }}
  map balancer_egress_chains {{ type ipv4_addr : verdict; {balancer_egress_chains} }}
  set endpoints {{ type ipv4_addr; {endpoints} }}
  set s3_gateway {{ type ipv4_addr; flags interval; {s3_gateway} }}
  set to_internet {{ type ipv4_addr; flags interval; {to_internet} }}
  chain forwarded_by_balancer {{
    ct original ip daddr vmap @balancer_egress_chains
    accept
  }}
  chain forward {{
    type filter hook forward priority filter; policy accept;
    ct state vmap {{ established : accept, related : accept, invalid : drop }}
    ct original ip daddr @resolver accept
    ct original ip daddr @balancers ip daddr != @balancers goto forwarded_by_balancer
    iifname "up0" ct status dnat ip daddr vmap @ingress_chains
    iifname "up0" drop
    ip saddr vmap @egress_chains
    iifname @balancer_devices ct original ip saddr != @balancers accept
    ct original ip daddr @endpoints accept
    oifname "up0" ip saddr @s3_gateway ip daddr {s3} accept
    oifname "up0" ip saddr @to_internet accept
    oifname "up0" drop
    ip daddr vmap @ingress_chains
    drop
  }}
  chain before_dnat {{
    type filter hook prerouting priority mangle; policy accept;
    ct state established,related return
    iifname "up0" ip daddr vmap @balancer_ingress_chains
    iifname "up0" return
    ip daddr != @endpoints ip daddr != @balancers return
    ip saddr vmap @egress_chains
    ip daddr vmap @ingress_chains
  }}
  chain target_ingress {{
    ip daddr vmap @ingress_chains
    drop
  }}
  chain after_snat {{
    type filter hook postrouting priority srcnat + 1; policy accept;
    ct state established,related return
    ip daddr @balancers return
    ct original ip daddr @balancers goto target_ingress
    iifname @balancer_devices ct original ip saddr != @balancers goto target_ingress
  }}
  chain prerouting {{
    type nat hook prerouting priority dstnat; policy accept;
    ip daddr @resolver meta l4proto {{ tcp, udp }} th dport 53 dnat to {dns}
    iifname "up0" dnat to ip daddr map @public_to_private
    ip daddr @endpoints tcp dport 443 dnat to {aws_api}
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    oifname "up0" ct original ip daddr @resolver snat to {uplink}
    oifname "up0" ct original ip daddr @endpoints snat to {uplink}
    oifname "up0" ip saddr @s3_gateway ip daddr {s3} snat to {uplink}
    oifname "up0" snat to ip saddr map @private_to_public
  }}
}}
"""


def ruleset(vpc: Vpc, uplink: str) -> str:
    """The nftables script of a VPC's router; `uplink` is the address of up0."""
    public_sources = {
        address: public for interface in vpc.interfaces
        if (public := _public_source(vpc, interface)) for address in _with_pods(interface)
    }  # fmt: skip
    balancers = [each for each in vpc.interfaces if each.host.startswith(BALANCER_PREFIX)]
    return _TABLE.format(
        balancer_ingress_chains=_elements(_balancer_verdicts(balancers, "ingress", "goto")),
        balancer_egress_chains=_elements(_balancer_verdicts(balancers, "egress", "jump")),
        balancers=_elements(dict.fromkeys(groups.addresses_of(balancers), "")),
        devices=_elements({f'"{device(each.host)}"': "" for each in balancers}),
        resolver=addresses.resolver(vpc),
        link_local=addresses.RESOLVER_LINK_LOCAL,
        dns=addresses.DNS,
        aws_api=addresses.AWS_API,
        s3=addresses.S3,
        endpoints=_elements({ip: "" for each in vpc.endpoints for ip in each.addresses}),
        s3_gateway=_elements({cidr: "" for cidr in _users_of_s3_gateway(vpc)}),
        uplink=uplink,
        sets=groups.address_sets(vpc),
        chains=groups.chains(vpc),
        egress=_elements(_verdicts(vpc, "egress", "jump")),
        ingress=_elements(_verdicts(vpc, "ingress", "goto")),
        public_to_private=_elements(_one_to_one(vpc)),
        private_to_public=_elements(public_sources),
        to_internet=_elements(dict.fromkeys(public_sources, "")),
    )


def public_addresses(vpc: Vpc) -> list[str]:
    """The public addresses that lead to this VPC's router."""
    return sorted({*_one_to_one(vpc), *_nat_addresses(vpc).values()})


def _one_to_one(vpc: Vpc) -> dict[str, str]:
    """The private address for each public one, in subnets that route to an internet gateway."""
    subnets = _public_subnets(vpc)
    return {
        interface.public_ip: interface.private_ip
        for interface in vpc.interfaces
        if interface.public_ip and interface.subnet_id in subnets
    }


def _public_subnets(vpc: Vpc) -> set[str]:
    """The ids of the subnets that route to the VPC's internet gateway."""
    gateway = vpc.internet_gateway
    return {
        subnet.id for subnet in vpc.subnets if gateway and subnet.default_route_target == gateway
    }


def _users_of_s3_gateway(vpc: Vpc) -> list[str]:
    """The addresses, with those of pods, in subnets that have a gateway endpoint of S3."""
    subnets = {subnet.id for subnet in vpc.subnets if subnet.s3}
    return addresses.collapsed(
        address
        for each in vpc.interfaces
        if each.subnet_id in subnets
        for address in _with_pods(each)
    )


def _nat_addresses(vpc: Vpc) -> dict[str, str]:
    """The public address of each NAT gateway, by id, whose subnet routes to an internet gateway."""
    subnets = _public_subnets(vpc)
    return {nat.id: nat.public_ip for nat in vpc.nat_gateways if nat.subnet_id in subnets}


def _public_source(vpc: Vpc, interface: Interface) -> str | None:
    """The source address that an interface has on the internet, or None without a route there."""
    target = next(
        subnet.default_route_target for subnet in vpc.subnets if subnet.id == interface.subnet_id
    )
    if target and target == vpc.internet_gateway:
        return interface.public_ip
    return _nat_addresses(vpc).get(target or "")


def _with_pods(interface: Interface) -> tuple[str, ...]:
    """The address of an interface, and the prefixes of the pods behind it."""
    return (interface.private_ip, *interface.prefixes)


def _verdicts(vpc: Vpc, direction: groups.Direction, verb: str) -> dict[str, str]:
    """The elements of a verdict map: by address, `jump` or `goto` the chain of its groups."""
    return {
        address: f": {verb} {groups.chain_name(direction, interface.groups)}"
        for interface in vpc.interfaces
        for address in _with_pods(interface)
    }


def _balancer_verdicts(
    balancers: Iterable[Interface], direction: groups.Direction, verb: str
) -> dict[str, str]:
    """As `_verdicts`, for load balancers by their private and public addresses."""
    return {
        address: f": {verb} {groups.chain_name(direction, interface.groups)}"
        for interface in balancers
        for address in groups.addresses_of([interface])
    }


def _elements(values: Mapping[str, str]) -> str:
    """An `elements` clause, or "" for none, since nftables refuses an empty one."""
    pairs: Iterable[str] = (
        f"{key} {value if value.startswith(':') else f': {value}'}" if value else key
        for key, value in sorted(values.items())
    )
    joined = ", ".join(pairs)
    return f"elements = {{ {joined} }};" if joined else ""
