"""The operations on record sets and ListHostedZonesByName, whose results differ in moto."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from secrets import token_hex
from typing import Any

from moto.route53.models import FakeZone

from localcloud.aws import backends
from localcloud.aws.calls import Call, Handler
from localcloud.aws.elbv2.hosted_zones import zone_id
from localcloud.aws.elbv2.snapshots import LoadBalancer
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.route53 import changes, names, records
from localcloud.aws.route53.targets import Targets

Balancers = Callable[[], Iterable[LoadBalancer]]

PAGE, ZONES_PAGE = 300, 100


def check(call: Call) -> None:
    """Raise AwsError for a private zone, whose VPC moto would ignore, and for an empty name."""
    if call.operation == "CreateHostedZone" and call.params.get("VPC"):
        raise not_offered("a private hosted zone", "InvalidInput")
    if call.operation == "CreateHostedZone" and not call.params["Name"]:
        raise AwsError("InvalidDomainName", "A hosted zone must have a name")


def _zone(call: Call) -> FakeZone:
    wanted = str(call.params["HostedZoneId"]).rpartition("/")[2]
    if zone := backends.route53().zones.get(wanted):
        return zone
    raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {wanted}", 404)


def change_record_sets(balancers: Balancers, call: Call) -> dict[str, Any]:
    """ChangeResourceRecordSets: all of the batch, or nothing."""
    zone, batch = _zone(call), call.params["ChangeBatch"]
    canonical = {names.fqdn(b.dns_name): zone_id(b.arn.split(":")[3], b.type) for b in balancers()}
    targets = Targets(zone.resource_id, canonical)
    present = records.of_zone(zone)
    records.store(zone, changes.apply(zone.name, present, batch["Changes"], targets))
    info = {
        "Id": f"/change/C{token_hex(10).upper()}",
        "Status": "INSYNC",
        "SubmittedAt": datetime.now(UTC),
    }
    return {"ChangeInfo": info | {k: v for k, v in batch.items() if k == "Comment"}}


def _max_items(call: Call, default: int) -> int:
    given = call.params.get("MaxItems") or str(default)
    if not re.fullmatch("[1-9][0-9]{0,8}", given):
        raise AwsError("InvalidInput", f"The MaxItems {given} is not a number from 1")
    return int(given)


def list_record_sets(call: Call) -> dict[str, Any]:
    """ListResourceRecordSets, from StartRecordName, StartRecordType and StartRecordIdentifier.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
    """
    zone = _zone(call)
    start = [call.params.get(f"StartRecord{part}") for part in ("Name", "Type", "Identifier")]
    if any(later and not earlier for earlier, later in pairwise(start)):
        raise AwsError("InvalidInput", "The input is not valid: each StartRecord needs the former")
    if start[0] and (problem := names.problem(start[0])):
        raise AwsError("InvalidInput", problem)
    first = (names.order(names.fqdn(start[0] or "")), start[1] or "", start[2] or "")
    found = [r for r in records.of_zone(zone) if not start[0] or records.order(r) >= first]
    size = min(_max_items(call, PAGE), PAGE)
    answer = {
        "ResourceRecordSets": found[:size],
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if len(found) > size:
        name, kind, identifier = records.key(found[size])
        answer |= {"NextRecordName": name, "NextRecordType": kind}
        answer |= {"NextRecordIdentifier": identifier} if identifier else {}
    return answer


def list_zones_by_name(call: Call) -> dict[str, Any]:
    """ListHostedZonesByName, from DNSName and HostedZoneId.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html
    """
    name, start = call.params.get("DNSName"), call.params.get("HostedZoneId")
    zones = sorted(
        ((names.order(zone.name), zone.resource_id, zone) for zone in _all_zones()),
        key=lambda each: each[:2],
    )
    if start and not name:
        raise AwsError("InvalidInput", "The input is not valid: HostedZoneId needs DNSName")
    first = (names.order(names.fqdn(name)), start or "") if name else ("", "")
    found = [zone for *place, zone in zones if tuple(place) >= first]
    size = min(_max_items(call, ZONES_PAGE), ZONES_PAGE)
    given = {"DNSName": name, "HostedZoneId": start}
    answer = {key: value for key, value in given.items() if value}
    answer |= {
        "HostedZones": [_described(zone) for zone in found[:size]],
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if len(found) > size:
        answer |= {"NextDNSName": found[size].name, "NextHostedZoneId": found[size].resource_id}
    return answer


def _all_zones() -> list[FakeZone]:
    return list(backends.route53().zones.values())


def _described(zone: FakeZone) -> dict[str, Any]:
    comment = {"Comment": zone.comment} if zone.comment else {}
    return {
        "Id": zone.id,
        "Name": zone.name,
        "CallerReference": zone.caller_reference,
        "Config": {**comment, "PrivateZone": False},
        "ResourceRecordSetCount": len(zone.rrsets),
    }


def operations(balancers: Balancers) -> dict[tuple[str, str], Handler]:
    """By service and name; `balancers` gives all load balancers, which aliases may stand for."""
    return {
        ("route53", "ChangeResourceRecordSets"): partial(change_record_sets, balancers),
        ("route53", "ListResourceRecordSets"): list_record_sets,
        ("route53", "ListHostedZonesByName"): list_zones_by_name,
    }
