"""moto's hosted zones as the reconcilers read them."""

from collections.abc import Iterator

from moto.route53.models import RecordSet as MotoRecordSet

from localcloud.aws.route53.backend import Route53
from localcloud.aws.snapshots import HostedZone, RecordSet

ALIAS_TTL = 60  # seconds, as on AWS for a load balancer


def hosted_zones(route53: Route53) -> Iterator[HostedZone]:
    for zone in route53.zones.values():
        yield HostedZone(
            id=zone.resource_id,
            name=_absolute(zone.name),
            records=tuple(_record(record) for record in zone.rrsets),
        )


def _record(record: MotoRecordSet) -> RecordSet:
    alias = record.alias_target
    values = (item["Value"] if isinstance(item, dict) else item for item in record.records or ())
    return RecordSet(
        name=_absolute(record.name),
        type=str(record.type),
        ttl=int(record.ttl) if record.ttl else ALIAS_TTL,
        values=() if alias else tuple(values),
        alias=alias["DNSName"] if alias else None,
    )


def _absolute(name: str) -> str:
    return name if name.endswith(".") else f"{name}."
