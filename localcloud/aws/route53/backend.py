"""moto's Route 53 with zones that a DNS server can serve."""

import copy
from typing import Any

from moto.route53 import urls
from moto.route53.models import FakeZone, Route53Backend

from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.route53 import changes

# "... is reserved by AWS!": no public zone has these names, or one below.
RESERVED = ("example.com", "example.net", "example.org")
SOA_TIMES = "1 7200 900 1209600 86400"  # serial, refresh, retry, expire, minimum, as on AWS


class Route53(Route53Backend):
    """The account's hosted zones, which are all public."""

    @property
    def _url_module(self) -> Any:
        return urls  # moto would look for it beside this class

    def create_hosted_zone(self, name: str, private_zone: bool, *args: Any, **kw: Any) -> FakeZone:
        """Creates a zone with a valid SOA record: moto writes the text of a dict.

        Raises AwsError for a private zone (the cloud's DNS gives all clients the same answers),
        for a caller reference that was used before, and for a name that AWS reserves.
        """
        plain = name.lower().rstrip(".")
        if any(f".{plain}".endswith(f".{reserved}") for reserved in RESERVED):
            raise AwsError("InvalidDomainName", f"{name} is reserved by AWS!")
        if private_zone:
            raise not_offered("a private hosted zone", "InvalidInput")
        reference = kw.get("caller_reference")
        if reference and any(z.caller_reference == reference for z in self.zones.values()):
            message = (
                f"A hosted zone has already been created with the caller reference {reference}"
            )
            raise AwsError("HostedZoneAlreadyExists", message, 409)
        return self.delegate(name, *args, **kw)

    def delegate(self, name: str, *args: Any, **kw: Any) -> FakeZone:
        """A public zone, of any name: as if its owner had delegated it to this account."""
        zone = super().create_hosted_zone(name, False, *args, **kw)
        assert zone.delegation_set
        soa = next(record for record in zone.rrsets if record.type == "SOA")
        server = zone.delegation_set.name_servers[0]
        soa.records = [f"{server}. awsdns-hostmaster.amazon.com. {SOA_TIMES}"]
        name_servers = next(record for record in zone.rrsets if record.type == "NS")
        name_servers.records = [f"{server}." for server in zone.delegation_set.name_servers]
        return zone

    def change_resource_record_sets(self, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        """Applies all changes, or none if one is refused."""
        zone = self.get_hosted_zone(zoneid)
        changes.check(zone, change_list)
        # moto only deletes what it finds in its journal.
        deleted = [copy.deepcopy(each) for each in change_list if each["Action"] == "DELETE"]
        zone.rr_changes.clear()
        for each in deleted:
            zone.rr_changes.append({**each, "Action": "UPSERT"})
        super().change_resource_record_sets(zoneid, change_list)
