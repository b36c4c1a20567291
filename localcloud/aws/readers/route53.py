"""moto's hosted zones as the reconcilers read them."""

from collections.abc import Iterator

from localcloud.aws.route53 import records
from localcloud.aws.route53.backend import Route53
from localcloud.aws.snapshots import HostedZone, RecordSet

ALIAS_TTL = 60  # seconds, as on AWS for a load balancer


def hosted_zones(route53: Route53) -> Iterator[HostedZone]:
    for zone in route53.zones.values():
        yield HostedZone(
            id=zone.resource_id,
            name=zone.name,
            records=tuple(_record(record) for record in records.of_zone(zone)),
        )


def _record(record: records.Described) -> RecordSet:
    alias = record.get("AliasTarget")
    return RecordSet(
        name=record["Name"],
        type=record["Type"],
        ttl=record.get("TTL", ALIAS_TTL),
        values=tuple(records.record_values(record)),
        alias=alias["DNSName"] if alias else None,
        weight=record.get("Weight"),
        multivalue=bool(record.get("MultiValueAnswer")),
    )
