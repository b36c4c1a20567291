"""The fabric that the records ask for: pure functions.

As on AWS, traffic is routed: a veth connects each host, which has /32 addresses, with the router of
its VPC. The router has the gateway addresses of the subnets, and routes to the addresses of each
host and to the prefixes of its pods.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

from localcloud.aws.snapshots import Instance, Interface, Vpc
from localcloud.network.fabric import addresses, ruleset
from localcloud.network.fabric.model import (
    BACKBONE,
    CONTROL_PLANE_PREFIX,
    ENDPOINT_PREFIX,
    AddressOrRoute,
    Fabric,
    Link,
    device,
)
from localcloud.paths import WORLD

# Across the backbone, packets are forwarded to public addresses, never to those of uplinks.
BACKBONE_RULESET = f"""\
table ip backbone
delete table ip backbone
table ip backbone {{
  chain forward {{
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
    ip daddr {addresses.UPLINKS} drop
  }}
}}
"""


def wanted(
    vpcs: Iterable[Vpc],
    instances: Iterable[Instance],
    vpc_numbers: Mapping[str, int],
    control_plane_numbers: Mapping[str, int],
) -> Fabric:
    """The fabric for these records.

    vpc_numbers, control_plane_numbers: the number of each uplink, by VPC id and by host. Raises
    ValueError for a VPC that overlaps the addresses of uplinks.
    """
    known = {instance.id: instance for instance in instances}
    parts = [_world()]
    for vpc in vpcs:
        if not vpc.interfaces:
            continue  # without hosts it needs no router
        addresses.check_cidrs(vpc)
        parts.append(_router(vpc, vpc_numbers[vpc.id]))
        parts += [
            _host(vpc, name, interfaces, known.get(name))
            for name, interfaces in by_host(vpc).items()
        ]
    parts += [_control_plane_uplink(host, number) for host, number in control_plane_numbers.items()]
    return merged(parts)


def by_host(vpc: Vpc) -> dict[str, list[Interface]]:
    """The interfaces of each host of a VPC, in a stable order. Endpoints are not hosts."""
    ordered = sorted(
        (each for each in vpc.interfaces if not each.host.startswith(ENDPOINT_PREFIX)),
        key=lambda interface: (interface.host, interface.id),
    )
    return {
        host: list(interfaces)
        for host, interfaces in groupby(ordered, lambda interface: interface.host)
    }


def control_planes(vpcs: Iterable[Vpc]) -> list[str]:
    """The hosts that are control planes of clusters."""
    hosts = {interface.host for vpc in vpcs for interface in vpc.interfaces}
    return sorted(host for host in hosts if host.startswith(CONTROL_PLANE_PREFIX))


def _router(vpc: Vpc, number: int) -> Fabric:
    backbone_end, router_end = addresses.uplink(addresses.VPC_ROUTER_UPLINK, number)
    up = f"v{number}"
    via = router_end.split("/")[0]
    items = {
        _address(BACKBONE, up, backbone_end),
        _address(vpc.id, "up0", router_end),
        _route(vpc.id, "up0", f"default via {backbone_end.split('/')[0]}"),
        *(_address(vpc.id, "lo", f"{addresses.gateway(subnet)}/32")
          for subnet in vpc.subnets),
        # Packets to a VPC address that no interface has must not go to the internet.
        *(_route(vpc.id, "lo", f"blackhole {cidr}") for cidr in vpc.cidrs),
        *(_route(BACKBONE, up, f"{public}/32 via {via}")
          for public in ruleset.public_addresses(vpc)),
    }  # fmt: skip
    return Fabric(
        namespaces=frozenset({vpc.id}),
        links=frozenset({Link(BACKBONE, up, vpc.id, "up0")}),
        addresses_and_routes=frozenset(items),
        forwarding=frozenset({vpc.id}),
        rulesets={vpc.id: ruleset.ruleset(vpc, via)},
    )


def _host(vpc: Vpc, host: str, interfaces: list[Interface], instance: Instance | None) -> Fabric:
    router_device = device(host)
    first = interfaces[0]
    subnets = {subnet.id: subnet for subnet in vpc.subnets}
    via = f"via {addresses.gateway(subnets[first.subnet_id])} onlink src {first.private_ip}"
    # A control plane reaches the VPC by its interfaces, and all else by its uplink.
    is_control_plane = host.startswith(CONTROL_PLANE_PREFIX)
    pods = [prefix for interface in vpc.interfaces for prefix in interface.prefixes]
    destinations = addresses.collapsed([*vpc.cidrs, *pods]) if is_control_plane else ["default"]
    items: set[AddressOrRoute] = {_route(host, "eth0", f"{to} {via}") for to in destinations}
    for interface in interfaces:
        items.add(_address(host, "eth0", f"{interface.private_ip}/32"))
        for address in (f"{interface.private_ip}/32", *interface.prefixes):
            hop = "" if address.endswith("/32") else f" via {interface.private_ip} onlink"
            items.add(_route(vpc.id, router_device, f"{address}{hop}"))
    return Fabric(
        namespaces=frozenset({host}),
        links=frozenset({Link(vpc.id, router_device, host, "eth0")}),
        addresses_and_routes=frozenset(items),
        files={host: _files(addresses.resolver(vpc), instance)},
    )


def _address(netns: str, device: str, text: str) -> AddressOrRoute:
    return AddressOrRoute(netns, device, "address", text)


def _route(netns: str, device: str, text: str) -> AddressOrRoute:
    return AddressOrRoute(netns, device, "route", text)


def _control_plane_uplink(host: str, number: int) -> Fabric:
    backbone_end, host_end = addresses.uplink(addresses.CONTROL_PLANE_UPLINK, number)
    return Fabric(
        links=frozenset({Link(BACKBONE, f"c{number}", host, "up0")}),
        addresses_and_routes=frozenset({
            _address(BACKBONE, f"c{number}", backbone_end),
            _address(host, "up0", host_end),
            _route(host, "up0", f"default via {backbone_end.split('/')[0]}"),
        }),
    )  # fmt: skip


def merged(parts: Iterable[Fabric]) -> Fabric:
    """Several fabrics as one."""
    parts = list(parts)
    return Fabric(
        namespaces=frozenset().union(*(part.namespaces for part in parts)),
        links=frozenset().union(*(part.links for part in parts)),
        addresses_and_routes=frozenset().union(*(part.addresses_and_routes for part in parts)),
        forwarding=frozenset().union(*(part.forwarding for part in parts)),
        rulesets={name: text for part in parts for name, text in part.rulesets.items()},
        files={name: texts for part in parts for name, texts in part.files.items()},
    )


def _world() -> Fabric:
    """What every cloud has: the backbone, and the host `world` on the internet."""
    own = [f"{address}/32" for address in (addresses.AWS_API, addresses.S3, addresses.DNS)]
    items = {
        *(_address(BACKBONE, "lo", address) for address in own),
        _address(BACKBONE, WORLD, addresses.WORLD_GATEWAY),
        _address(WORLD, "eth0", addresses.WORLD_ADDRESS),
        _route(WORLD, "eth0", f"default via {addresses.WORLD_GATEWAY.split('/')[0]}"),
    }
    return Fabric(
        namespaces=frozenset({WORLD}),
        links=frozenset({Link(BACKBONE, WORLD, WORLD, "eth0")}),
        addresses_and_routes=frozenset(items),
        forwarding=frozenset({BACKBONE}),
        rulesets={BACKBONE: BACKBONE_RULESET},
        files={WORLD: _files(addresses.DNS)},
    )


def _files(resolver: str, instance: Instance | None = None) -> Mapping[str, str]:
    """The files resolv.conf and hosts of a host; an instance's contain its domain and own name."""
    lines = [f"nameserver {resolver}"]
    names = ["127.0.0.1 localhost"]
    if instance:
        lines.insert(0, f"search {instance.dns_name.partition('.')[2]}")
        names.append(f"{instance.private_ip} {instance.dns_name}")
    return {"resolv.conf": "\n".join(lines) + "\n", "hosts": "\n".join(names) + "\n"}
