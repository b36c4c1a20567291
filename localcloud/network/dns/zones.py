"""The zones that the cloud's DNS serves, from the records: pure functions.

A zone is its name and the lines of its file, without the SOA record. NAME@ADDRESS is served to
clients with this address alone, and NAME#LOW-HIGH to queries with an id in this range.
"""

from collections.abc import Iterable, Iterator, Mapping

from localcloud.aws.snapshots import HostedZone, Instance, LoadBalancer, Vpc
from localcloud.network.dns import routing, text
from localcloud.network.dns.routing import TTL
from localcloud.network.fabric.addresses import AWS_API
from localcloud.network.fabric.plan import CONTROL_PLANE

Zones = dict[str, tuple[str, ...]]
AWS_ZONES = ("amazonaws.com.", "api.aws.")
BALANCER_ZONE = "elb.amazonaws.com."
PRIVATE_ZONES = ("compute.internal.", "ec2.internal.")
LABEL = 63  # characters of a part of a name
DUAL_STACK = "dualstack."  # a second name of every load balancer has this prefix
GONE = ("shutting-down", "terminated")


def zones(
    hosted: Iterable[HostedZone],
    balancers: Iterable[LoadBalancer],
    instances: Iterable[Instance],
) -> Zones:
    """All zones by name; names are absolute and in lower case."""
    of_balancers = _balancers(balancers)
    addresses: dict[str, list[str]] = {
        f"{prefix}{name}": found for _, name, found in of_balancers for prefix in ("", DUAL_STACK)
    }
    result: dict[str, list[str]] = {zone: _aws_api_records(zone) for zone in AWS_ZONES}
    result[BALANCER_ZONE] = []
    for zone, name, found in of_balancers:
        lines = result.setdefault(zone, [])
        lines += [_line(n, TTL, "A", ip) for n in (name, DUAL_STACK + name) for ip in found]
    result |= _instances(instances)
    for hosted_zone in served(hosted):
        result |= _hosted(hosted_zone, addresses)
    return {zone: tuple(lines) for zone, lines in result.items()}


def per_vpc(vpcs: Iterable[Vpc], uplinks: Mapping[str, str]) -> Zones:
    """The zones of interface endpoints and API servers, for their VPC alone; `uplinks` are
    addresses by VPC."""
    vpcs = [vpc for vpc in vpcs if vpc.id in uplinks]
    of_endpoints = {
        f"{_absolute(name)}@{uplinks[vpc.id]}": tuple(
            _line(f"{wildcard}{_absolute(name)}", TTL, "A", address)
            for wildcard in (("", "*.") if name.startswith("*.") else ("",))
            for address in endpoint.addresses
        )
        for vpc in vpcs
        for endpoint in vpc.endpoints
        if (name := endpoint.name)
    }
    return of_endpoints | {
        f"{name}@{uplinks[vpc.id]}": tuple(_line(name, TTL, "A", address) for address in found)
        for vpc in vpcs
        for name, found in _api_servers(vpc).items()
    }


def _api_servers(vpc: Vpc) -> dict[str, list[str]]:
    """The private addresses of each cluster's API server, by its name inside the VPC."""
    zone_of = {subnet.id: subnet.zone for subnet in vpc.subnets}
    found: dict[str, list[str]] = {}
    for each in vpc.interfaces:
        cluster, region = each.host.removeprefix(CONTROL_PLANE), zone_of[each.subnet_id][:-1]
        if each.host.startswith(CONTROL_PLANE) and len(cluster) <= LABEL:
            name = text.name(f"{cluster}.{region}.eks.amazonaws.com")
            found.setdefault(name, []).append(each.private_ip)
    return found


def _absolute(name: str) -> str:
    return text.name(name.removeprefix("*."))


def served(hosted: Iterable[HostedZone]) -> list[HostedZone]:
    """The zones that are served, one per name.

    A zone whose parent is hosted, too, is served only if the parent delegates to it by NS records.
    Of several zones with one name the first is served, as if the registrar had its name servers.
    """
    all_zones = list(hosted)
    found: dict[str, HostedZone] = {}
    for zone in sorted(all_zones, key=lambda zone: zone.name.count(".")):
        name = text.name(zone.name)
        parents = [found[parent] for parent in _parent_names(name) if parent in found]
        if name in found or (parents and not _servers(zone, name) & _servers(parents[0], name)):
            continue
        found[name] = zone
    return list(found.values())


def cnames(hosted: Iterable[HostedZone]) -> dict[str, str]:
    """What the CNAME records of the served zones point at, by name, as a resolver finds them."""
    public = {text.name(zone.name): zone for zone in served(hosted)}
    found = {}
    for zone_name, zone in public.items():
        for record in zone.records:
            name = text.name(record.name)
            closest = next((each for each in (name, *_parent_names(name)) if each in public), "")
            if record.type == "CNAME" and record.values and closest == zone_name:
                found[name] = text.name(record.values[0])
    return found


def _parent_names(name: str) -> list[str]:
    labels = name.split(".")
    return [".".join(labels[i:]) for i in range(1, len(labels) - 1)]


def _servers(zone: HostedZone, name: str) -> set[str]:
    return {
        text.name(value)
        for record in zone.records
        if record.type == "NS" and text.name(record.name) == name
        for value in record.values
    }


def _aws_api_records(zone: str) -> list[str]:
    return [_line(name, TTL, "A", AWS_API) for name in (zone, f"*.{zone}")]


def _balancers(balancers: Iterable[LoadBalancer]) -> list[tuple[str, str, list[str]]]:
    """The zone, name and addresses of each load balancer."""
    named = [(text.name(balancer.dns_name), balancer) for balancer in balancers]
    return [
        (
            BALANCER_ZONE if name.endswith(f".{BALANCER_ZONE}") else name.partition(".")[2],
            name,
            [text.value("A", address) for address in balancer.addresses],
        )
        for name, balancer in named
    ]


def _instances(instances: Iterable[Instance]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {zone: [] for zone in PRIVATE_ZONES}
    for instance in instances:
        name = text.name(instance.dns_name)
        for zone in PRIVATE_ZONES:
            if name.endswith(f".{zone}") and instance.state not in GONE:
                result[zone].append(_line(name, TTL, "A", instance.private_ip))
    return result


def _hosted(
    zone: HostedZone, balancers: Mapping[str, list[str]]
) -> Iterator[tuple[str, list[str]]]:
    """The zone's variants; the zone files have their own SOA records."""
    name = text.name(zone.name)
    records = [record for record in zone.records if record.type != "SOA"]
    for draws, lines in routing.variants(records, balancers):
        whole = len(draws) == routing.DRAWS
        yield name if whole else f"{name}#{draws.start}-{draws.stop}", lines


def _line(name: str, ttl: int, kind: str, value: str) -> str:
    return f"{name} {ttl} IN {kind} {value}"
