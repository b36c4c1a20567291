"""moto's Route 53 with zones that a DNS server can serve."""

from typing import Any

from moto.route53 import urls
from moto.route53.models import FakeZone, Route53Backend

from localcloud.aws.errors import AwsError, not_offered

SOA_TIMES = "1 7200 900 1209600 86400"  # serial, refresh, retry, expire, minimum: as AWS's


class Route53(Route53Backend):
    """The account's hosted zones, public ones alone."""

    @property
    def _url_module(self) -> Any:
        return urls  # moto derives it from the class's module, which is ours

    def create_hosted_zone(self, name: str, private_zone: bool, *args: Any, **kw: Any) -> FakeZone:
        """With an SOA that reads as one: moto writes the text of a dict.

        Raises AwsError for a private zone (the cloud's DNS answers everybody alike) and for a
        caller reference that was used before.
        """
        if private_zone:
            raise not_offered("a private hosted zone", "InvalidInput")
        reference = kw.get("caller_reference")
        if reference and any(z.caller_reference == reference for z in self.zones.values()):
            message = (
                f"A hosted zone has already been created with the caller reference {reference}"
            )
            raise AwsError("HostedZoneAlreadyExists", message, 409)
        zone = super().create_hosted_zone(name, private_zone, *args, **kw)
        assert zone.delegation_set
        soa = next(record for record in zone.rrsets if record.type == "SOA")
        server = zone.delegation_set.name_servers[0]
        soa.records = [f"{server}. awsdns-hostmaster.amazon.com. {SOA_TIMES}"]
        name_servers = next(record for record in zone.rrsets if record.type == "NS")
        name_servers.records = [f"{server}." for server in zone.delegation_set.name_servers]
        return zone
