"""A VPC's rules as one nftables script for its router: groups, gateways, NAT, the resolver.

Packets are dropped by the last rule of a chain, not by the chain's policy: while a script replaces
the table, the new chains exist for a moment without rules, and must not drop packets then.

The device up0 is the router's uplink. Packets to an interface endpoint pass the security groups in
the chain before_dnat, since DNAT to the AWS API changes their destination before `forward`.

So do packets to a network load balancer, which a table of its own (network/balancer/forwarding.py)
sends to a target, under the client's address or its own. They pass the groups of the balancer, then
in into_targets, where the source is final, those of the target. So do connections that nginx opens
under a client's address, for listeners with TLS: they come from the load balancer's device.
"""

from collections.abc import Iterable, Mapping

from localcloud.aws.snapshots import Interface, Vpc
from localcloud.network.fabric import addresses, groups
from localcloud.network.fabric.model import device

_TABLE = """\
table ip vpc
delete table ip vpc
table ip vpc {{
  set resolver {{ type ipv4_addr; elements = {{ {resolver}, {link_local} }}; }}
  set balancers {{ type ipv4_addr; {balancers} }}
  set from_balancers {{ type ifname; {devices} }}
{sets}
{chains}
  map leaving_by_group {{ type ipv4_addr : verdict; flags interval; {egress} }}
  map entering_by_group {{ type ipv4_addr : verdict; flags interval; {ingress} }}
  map public_to_private {{ type ipv4_addr : ipv4_addr; {public_to_private} }}
  map private_to_public {{ type ipv4_addr : ipv4_addr; flags interval; {private_to_public} }}
  map entering_by_balancer {{ type ipv4_addr : verdict; {entering_by_balancer} }}
  map leaving_by_balancer {{ type ipv4_addr : verdict; {leaving_by_balancer} }}
  set endpoints {{ type ipv4_addr; {endpoints} }}
  set s3_gateway {{ type ipv4_addr; flags interval; {s3_gateway} }}
  set to_internet {{ type ipv4_addr; flags interval; {to_internet} }}
  chain from_balancer {{
    ct original ip daddr vmap @leaving_by_balancer
    accept
  }}
  chain forward {{
    type filter hook forward priority filter; policy accept;
    ct state vmap {{ established : accept, related : accept, invalid : drop }}
    ct original ip daddr @resolver accept
    ct original ip daddr @balancers ip daddr != @balancers goto from_balancer
    iifname "up0" ct status dnat ip daddr vmap @entering_by_group
    iifname "up0" drop
    ip saddr vmap @leaving_by_group
    iifname @from_balancers ct original ip saddr != @balancers accept
    ct original ip daddr @endpoints accept
    oifname "up0" ip saddr @s3_gateway ip daddr {s3} accept
    oifname "up0" ip saddr @to_internet accept
    oifname "up0" drop
    ip daddr vmap @entering_by_group
    drop
  }}
  chain before_dnat {{
    type filter hook prerouting priority mangle; policy accept;
    ct state established,related return
    iifname "up0" ip daddr vmap @entering_by_balancer
    iifname "up0" return
    ip daddr != @endpoints ip daddr != @balancers return
    ip saddr vmap @leaving_by_group
    ip daddr vmap @entering_by_group
    drop
  }}
  chain into_target {{
    ip daddr vmap @entering_by_group
    drop
  }}
  chain into_targets {{
    type filter hook postrouting priority srcnat + 1; policy accept;
    ct state established,related return
    ip daddr @balancers return
    ct original ip daddr @balancers goto into_target
    iifname @from_balancers ct original ip saddr != @balancers goto into_target
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
    """The nftables script of a VPC's router; `uplink` is the router's address on the backbone."""
    public_sources = {
        address: public for interface in vpc.interfaces
        if (public := _public_source(vpc, interface)) for address in _with_pods(interface)
    }  # fmt: skip
    balancers = [each for each in vpc.interfaces if each.host.startswith(groups.BALANCER)]
    return _TABLE.format(
        entering_by_balancer=_elements(_balancer_verdicts(balancers, "ingress", "goto")),
        leaving_by_balancer=_elements(_balancer_verdicts(balancers, "egress", "jump")),
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
    """Private by public address, for interfaces whose subnet routes to an internet gateway."""
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
    """The addresses in subnets with a gateway endpoint of S3, pods included."""
    subnets = {subnet.id for subnet in vpc.subnets if subnet.s3}
    return addresses.collapsed(
        address
        for each in vpc.interfaces
        if each.subnet_id in subnets
        for address in _with_pods(each)
    )


def _nat_addresses(vpc: Vpc) -> dict[str, str]:
    """Public address by id, for NAT gateways whose subnet routes to an internet gateway."""
    subnets = _public_subnets(vpc)
    return {nat.id: nat.public_ip for nat in vpc.nat_gateways if nat.subnet_id in subnets}


def _public_source(vpc: Vpc, interface: Interface) -> str | None:
    """The public source address of an interface on the internet, or None without a route."""
    target = next(
        subnet.default_route_target for subnet in vpc.subnets if subnet.id == interface.subnet_id
    )
    if target and target == vpc.internet_gateway:
        return interface.public_ip
    return _nat_addresses(vpc).get(target or "")


def _with_pods(interface: Interface) -> tuple[str, ...]:
    """The address of an interface, and the prefixes of the pods behind it."""
    return (interface.private_ip, *interface.prefixes)


def _verdicts(vpc: Vpc, direction: groups.Direction, how: str) -> dict[str, str]:
    return {
        address: f": {how} {groups.chain_name(direction, interface.groups)}"
        for interface in vpc.interfaces
        for address in _with_pods(interface)
    }


def _balancer_verdicts(
    balancers: Iterable[Interface], direction: groups.Direction, how: str
) -> dict[str, str]:
    """The same for the addresses, public ones too, at which clients reach load balancers."""
    return {
        address: f": {how} {groups.chain_name(direction, interface.groups)}"
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
