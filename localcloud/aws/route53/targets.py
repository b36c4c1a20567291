"""What an alias record can stand for: a load balancer, or another record of its zone.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from localcloud.aws.route53 import names
from localcloud.aws.route53.records import Described

DUAL_STACK = "dualstack."


@dataclass(frozen=True)
class Targets:
    """`zone_id` is the id of the zone; `balancers` maps the DNS name of each load balancer to
    the id of its canonical hosted zone."""

    zone_id: str
    balancers: Mapping[str, str]

    def problems(self, zone: str, record: Described, records: Sequence[Described]) -> Iterator[str]:
        """What is wrong with the target of an alias record, in a zone with these records."""
        if not (alias := record.get("AliasTarget")):
            return
        target, of_zone, kind = alias["DNSName"], alias["HostedZoneId"], record["Type"]
        canonical = self.balancers.get(target.removeprefix(DUAL_STACK))
        lies_within, found = canonical == of_zone, canonical is not None and kind in ("A", "AAAA")
        if of_zone == self.zone_id:
            lies_within = names.below(target, zone)
            found = kind not in ("NS", "SOA") and target != record["Name"]
            found &= any(r["Name"] == target and r["Type"] == kind for r in records)
        what = f"Tried to create an alias that targets {target}, type {kind} in zone {of_zone}, but"
        if not lies_within and (canonical or of_zone == self.zone_id):
            yield f"{what} the alias target name does not lie within the target zone"
        if not (lies_within and found):
            yield f"{what} that target was not found"
