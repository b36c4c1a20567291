"""Record sets as moto stores them and as the API describes them."""

from collections.abc import Mapping
from typing import Any

from moto.route53.models import FakeZone, RecordSet

from localcloud.aws.route53 import names

Described = dict[str, Any]  # a ResourceRecordSet by the API's names
Key = tuple[str, str, str]  # name, type, set identifier


def described(record: RecordSet) -> Described:
    """A record set of moto's."""
    # moto's own NS record has strings.
    values = [each["Value"] if isinstance(each, dict) else each for each in record.records or ()]
    found = {
        "Name": record.name,
        "Type": record.type,
        "SetIdentifier": record.set_identifier,
        "Weight": record.weight,
        "MultiValueAnswer": record.multi_value_answer,
        "TTL": None if record.ttl is None else int(record.ttl),
        "ResourceRecords": [{"Value": value} for value in values] or None,
        "AliasTarget": record.alias_target,
    }
    return {name: value for name, value in found.items() if value is not None}


def normal(given: Mapping[str, Any]) -> Described:
    """A record set of a request as Route 53 stores it."""
    stored = {**given, "Name": names.fqdn(given["Name"])}
    if alias := given.get("AliasTarget"):
        stored["AliasTarget"] = {
            "HostedZoneId": alias["HostedZoneId"].rpartition("/")[2],
            "DNSName": names.fqdn(alias["DNSName"]),
            "EvaluateTargetHealth": alias["EvaluateTargetHealth"],
        }
    if not given.get("MultiValueAnswer"):
        stored.pop("MultiValueAnswer", None)
    return stored


def key(record: Mapping[str, Any]) -> Key:
    return record["Name"], record["Type"], record.get("SetIdentifier", "")


def order(record: Mapping[str, Any]) -> Key:
    """The key by which ListResourceRecordSets sorts."""
    return names.order(record["Name"]), record["Type"], record.get("SetIdentifier", "")


def record_values(record: Mapping[str, Any]) -> list[str]:
    return [each["Value"] for each in record.get("ResourceRecords", ())]


def of_zone(zone: FakeZone) -> list[Described]:
    """A zone's record sets, in the order of ListResourceRecordSets."""
    return sorted(map(described, zone.rrsets), key=order)


def store(zone: FakeZone, records: list[Described]) -> None:
    """Make these the zone's record sets."""
    zone.rrsets = []
    for record in records:
        zone.add_rrset(record)
