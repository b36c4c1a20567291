"""The zones that the cloud's DNS serves, from the records: pure functions.

`Zones` has the lines of each zone's file, without the SOA record, by the zone's name. With a name
NAME@ADDRESS the zone answers only queries from that address, and with NAME#LOW-HIGH only those with
an id from LOW to below HIGH.
"""

from collections.abc import Iterable, Iterator, Mapping

from localcloud.aws.elbv2.snapshots import LoadBalancer
from localcloud.aws.snapshots import HostedZone, Instance, Vpc
from localcloud.network.dns import routing_policies, syntax
from localcloud.network.dns.routing_policies import TTL
from localcloud.network.fabric.addresses import AWS_API
from localcloud.network.fabric.model import CONTROL_PLANE_PREFIX

Zones = dict[str, tuple[str, ...]]
AWS_ZONES = ("amazonaws.com.", "api.aws.")
BALANCER_ZONE = "elb.amazonaws.com."
PRIVATE_ZONES = ("compute.internal.", "ec2.internal.")
LABEL = 63  # characters of a name's label, at most
DUAL_STACK = "dualstack."  # a second name of every load balancer has this prefix
GONE = ("shutting-down", "terminated")


def zones(
    hosted: Iterable[HostedZone],
    balancers: Iterable[LoadBalancer],
    instances: Iterable[Instance],
) -> Zones:
    """All zones except those of `per_vpc`; names are absolute and in lower case."""
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
    """The zones of interface endpoints and API servers, which only their own VPC sees; `uplinks`:
    by VPC id, the address from which its queries come."""
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
        cluster, region = each.host.removeprefix(CONTROL_PLANE_PREFIX), zone_of[each.subnet_id][:-1]
        if each.host.startswith(CONTROL_PLANE_PREFIX) and len(cluster) <= LABEL:
            name = syntax.name(f"{cluster}.{region}.eks.amazonaws.com")
            found.setdefault(name, []).append(each.private_ip)
    return found


def _absolute(name: str) -> str:
    return syntax.name(name.removeprefix("*."))


def served(hosted: Iterable[HostedZone]) -> list[HostedZone]:
    """The zones that are served, one per name.

    A zone whose parent zone is served is itself served only if NS records of the parent delegate to
    it. Of several zones with one name the first is served, as if the registrar named its servers.
    """
    all_zones = list(hosted)
    found: dict[str, HostedZone] = {}
    for zone in sorted(all_zones, key=lambda zone: zone.name.count(".")):
        name = syntax.name(zone.name)
        parents = [found[parent] for parent in _parent_names(name) if parent in found]
        if name in found or (parents and not _servers(zone, name) & _servers(parents[0], name)):
            continue
        found[name] = zone
    return list(found.values())


def cnames(hosted: Iterable[HostedZone]) -> dict[str, str]:
    """The targets of the CNAME records of the served zones, by name, as a resolver finds them."""
    public = {syntax.name(zone.name): zone for zone in served(hosted)}
    found = {}
    for zone_name, zone in public.items():
        for record in zone.records:
            name = syntax.name(record.name)
            closest = next((each for each in (name, *_parent_names(name)) if each in public), "")
            if record.type == "CNAME" and record.values and closest == zone_name:
                found[name] = syntax.name(record.values[0])
    return found


def _parent_names(name: str) -> list[str]:
    labels = name.split(".")
    return [".".join(labels[i:]) for i in range(1, len(labels) - 1)]


def _servers(zone: HostedZone, name: str) -> set[str]:
    return {
        syntax.name(value)
        for record in zone.records
        if record.type == "NS" and syntax.name(record.name) == name
        for value in record.values
    }


def _aws_api_records(zone: str) -> list[str]:
    return [_line(name, TTL, "A", AWS_API) for name in (zone, f"*.{zone}")]


def _balancers(balancers: Iterable[LoadBalancer]) -> list[tuple[str, str, list[str]]]:
    """The zone, name and addresses of each load balancer. The name of a network load balancer ends
    with .elb.REGION.amazonaws.com, other names with .REGION.elb.amazonaws.com."""
    named = [(syntax.name(balancer.dns_name), balancer) for balancer in balancers]
    return [
        (
            BALANCER_ZONE if name.endswith(f".{BALANCER_ZONE}") else name.partition(".")[2],
            name,
            [syntax.value("A", address) for address in balancer.addresses],
        )
        for name, balancer in named
    ]


def _instances(instances: Iterable[Instance]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {zone: [] for zone in PRIVATE_ZONES}
    for instance in instances:
        name = syntax.name(instance.dns_name)
        for zone in PRIVATE_ZONES:
            if name.endswith(f".{zone}") and instance.state not in GONE:
                result[zone].append(_line(name, TTL, "A", instance.private_ip))
    return result


def _hosted(
    zone: HostedZone, balancers: Mapping[str, list[str]]
) -> Iterator[tuple[str, list[str]]]:
    """The variants of a zone; the zone files have their own SOA records."""
    name = syntax.name(zone.name)
    records = [record for record in zone.records if record.type != "SOA"]
    for ids, lines in routing_policies.variants(records, balancers):
        whole = len(ids) == routing_policies.QUERY_IDS
        yield name if whole else f"{name}#{ids.start}-{ids.stop}", lines


def _line(name: str, ttl: int, kind: str, value: str) -> str:
    return f"{name} {ttl} IN {kind} {value}"
