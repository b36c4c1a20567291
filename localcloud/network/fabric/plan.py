"""The fabric that the records ask for: pure functions.

As on AWS, traffic is routed: a veth connects each host, which has /32 addresses, with the router of
its VPC. The router has the gateway addresses of the subnets, one route per address of a host, and
one per pod prefix.
"""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import groupby

from localcloud.aws.snapshots import Instance, Interface, Vpc
from localcloud.network.fabric import addresses, ruleset
from localcloud.network.fabric.model import BACKBONE, Fabric, Link, Setting
from localcloud.paths import WORLD

CONTROL_PLANE = "eks-"  # the host names of control planes start with this
ENDPOINT = "vpce-"
# VPCs and control planes reach each other at public addresses only.
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
    vpcs: Iterable[Vpc], instances: Iterable[Instance], numbers: tuple[Mapping[str, int], ...]
) -> Fabric:
    """The fabric for these records.

    numbers: those of the uplinks of VPCs by id, and of control planes by host. Raises ValueError
    for a VPC that overlaps the cloud's own addresses.
    """
    known = {instance.id: instance for instance in instances}
    parts = [_world()]
    for vpc in vpcs:
        if not vpc.interfaces:
            continue  # without hosts it needs no router
        addresses.check(vpc)
        near, far = addresses.uplink(0, numbers[0][vpc.id])
        parts.append(_router(vpc, numbers[0][vpc.id], near, far))
        parts += [
            _host(vpc, name, interfaces, known.get(name))
            for name, interfaces in by_host(vpc).items()
        ]
    parts += [_control_plane_uplink(host, number) for host, number in numbers[1].items()]
    return merged(parts)


def by_host(vpc: Vpc) -> dict[str, list[Interface]]:
    """The interfaces of each host of a VPC, in a stable order. Endpoints are rules, not hosts."""
    ordered = sorted(
        (each for each in vpc.interfaces if not each.host.startswith(ENDPOINT)),
        key=lambda interface: (interface.host, interface.id),
    )
    return {
        host: list(interfaces)
        for host, interfaces in groupby(ordered, lambda interface: interface.host)
    }


def control_planes(vpcs: Iterable[Vpc]) -> list[str]:
    """The hosts that are control planes of clusters."""
    hosts = {interface.host for vpc in vpcs for interface in vpc.interfaces}
    return sorted(host for host in hosts if host.startswith(CONTROL_PLANE))


def device(host: str) -> str:
    """The device name at the router's end of a host's veth; the kernel allows 15 characters."""
    return "h" + hashlib.sha256(host.encode()).hexdigest()[:12]


def _router(vpc: Vpc, number: int, near: str, far: str) -> Fabric:
    up = f"v{number}"
    via = far.split("/")[0]
    settings = {
        Setting(BACKBONE, up, "address", near),
        Setting(vpc.id, "up0", "address", far),
        Setting(vpc.id, "up0", "route", f"default via {near.split('/')[0]}"),
        *(Setting(vpc.id, "lo", "address", f"{addresses.gateway(subnet)}/32")
          for subnet in vpc.subnets),
        # Addresses without an interface must not be routed to the internet.
        *(Setting(vpc.id, "lo", "route", f"blackhole {cidr}") for cidr in vpc.cidrs),
        *(Setting(BACKBONE, up, "route", f"{public}/32 via {via}")
          for public in ruleset.public_addresses(vpc)),
    }  # fmt: skip
    return Fabric(
        namespaces=frozenset({vpc.id}),
        links=frozenset({Link(BACKBONE, up, vpc.id, "up0")}),
        settings=frozenset(settings),
        forwarding=frozenset({vpc.id}),
        rulesets={vpc.id: ruleset.ruleset(vpc, via)},
    )


def _host(vpc: Vpc, host: str, interfaces: list[Interface], instance: Instance | None) -> Fabric:
    inside = device(host)
    first = interfaces[0]
    subnets = {subnet.id: subnet for subnet in vpc.subnets}
    via = f"via {addresses.gateway(subnets[first.subnet_id])} onlink src {first.private_ip}"
    # A control plane reaches AWS by its uplink, and only the VPC by its interfaces.
    managed = host.startswith(CONTROL_PLANE)
    pods = [prefix for interface in vpc.interfaces for prefix in interface.prefixes]
    beyond = addresses.collapsed([*vpc.cidrs, *pods]) if managed else ["default"]
    settings: set[Setting] = {Setting(host, "eth0", "route", f"{to} {via}") for to in beyond}
    for interface in interfaces:
        settings.add(Setting(host, "eth0", "address", f"{interface.private_ip}/32"))
        for behind in (f"{interface.private_ip}/32", *interface.prefixes):
            hop = "" if behind.endswith("/32") else f" via {interface.private_ip} onlink"
            settings.add(Setting(vpc.id, inside, "route", f"{behind}{hop}"))
    resolver = addresses.DNS if managed else addresses.resolver(vpc)
    return Fabric(
        namespaces=frozenset({host}),
        links=frozenset({Link(vpc.id, inside, host, "eth0")}),
        settings=frozenset(settings),
        files={host: _files(resolver, instance)},
    )


def _control_plane_uplink(host: str, number: int) -> Fabric:
    near, far = addresses.uplink(1, number)
    return Fabric(
        links=frozenset({Link(BACKBONE, f"c{number}", host, "up0")}),
        settings=frozenset({
            Setting(BACKBONE, f"c{number}", "address", near),
            Setting(host, "up0", "address", far),
            Setting(host, "up0", "route", f"default via {near.split('/')[0]}"),
        }),
    )  # fmt: skip


def merged(parts: Iterable[Fabric]) -> Fabric:
    """Several fabrics as one."""
    parts = list(parts)
    return Fabric(
        namespaces=frozenset().union(*(part.namespaces for part in parts)),
        links=frozenset().union(*(part.links for part in parts)),
        settings=frozenset().union(*(part.settings for part in parts)),
        forwarding=frozenset().union(*(part.forwarding for part in parts)),
        rulesets={name: text for part in parts for name, text in part.rulesets.items()},
        files={name: texts for part in parts for name, texts in part.files.items()},
    )


def _world() -> Fabric:
    """What every cloud has: the backbone, and the host `world` on the internet."""
    own = [f"{address}/32" for address in (addresses.AWS_API, addresses.S3, addresses.DNS)]
    settings = {
        *(Setting(BACKBONE, "lo", "address", address) for address in own),
        Setting(BACKBONE, WORLD, "address", addresses.WORLD_GATEWAY),
        Setting(WORLD, "eth0", "address", addresses.WORLD),
        Setting(WORLD, "eth0", "route", f"default via {addresses.WORLD_GATEWAY.split('/')[0]}"),
    }
    return Fabric(
        namespaces=frozenset({WORLD}),
        links=frozenset({Link(BACKBONE, WORLD, WORLD, "eth0")}),
        settings=frozenset(settings),
        forwarding=frozenset({BACKBONE}),
        rulesets={BACKBONE: BACKBONE_RULESET},
        files={WORLD: _files(addresses.DNS)},
    )


def _files(resolver: str, instance: Instance | None = None) -> Mapping[str, str]:
    """The resolv.conf and hosts of a host; those of an instance hold its own name and domain."""
    lines = [f"nameserver {resolver}"]
    names = ["127.0.0.1 localhost"]
    if instance:
        lines.insert(0, f"search {instance.dns_name.partition('.')[2]}")
        names.append(f"{instance.private_ip} {instance.dns_name}")
    return {"resolv.conf": "\n".join(lines) + "\n", "hosts": "\n".join(names) + "\n"}
