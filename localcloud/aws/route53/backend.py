"""moto's Route 53 with zones that a DNS server can serve."""

from typing import Any

from moto.route53.models import FakeZone, Route53Backend

from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.moto_backend import MotoBackend
from localcloud.aws.route53 import names

# "... is reserved by AWS!": no public zone has these names, or one below.
RESERVED = ("example.com.", "example.net.", "example.org.")
SOA_TIMES = "1 7200 900 1209600 86400"  # serial, refresh, retry, expire, minimum, as on AWS


class Route53(MotoBackend, Route53Backend):
    """The account's hosted zones, which are all public."""

    def create_hosted_zone(self, name: str, private_zone: bool, *args: Any, **kw: Any) -> FakeZone:
        """Creates a zone with a valid SOA record: moto's is the text of a Python dict.

        Raises AwsError for a private zone (the cloud's DNS gives all clients the same answers),
        for a caller reference that was used before, and for a name that is not valid or that AWS
        reserves.
        """
        stored = names.fqdn(name)
        problem = names.problem(name)
        if problem or stored == "." or stored.startswith(names.WILDCARD):
            raise AwsError("InvalidDomainName", problem or f"{name} is not a valid domain name")
        if "\\" in stored.replace("\\057", ""):
            raise not_offered(f"the zone name {name}, with such characters,", "InvalidDomainName")
        if any(names.below(stored, reserved) for reserved in RESERVED):
            raise AwsError("InvalidDomainName", f"{name} is reserved by AWS!")
        if private_zone:
            raise not_offered("a private hosted zone", "InvalidInput")
        reference = kw.get("caller_reference")
        if reference and any(z.caller_reference == reference for z in self.zones.values()):
            message = (
                f"A hosted zone has already been created with the caller reference {reference}"
            )
            raise AwsError("HostedZoneAlreadyExists", message, 409)
        return self.delegate(stored, *args, **kw)

    def delegate(self, name: str, *args: Any, **kw: Any) -> FakeZone:
        """A public zone, of any name: as if its owner had delegated it to this account."""
        zone = super().create_hosted_zone(names.fqdn(name), False, *args, **kw)
        assert zone.delegation_set
        soa = next(record for record in zone.rrsets if record.type == "SOA")
        server = zone.delegation_set.name_servers[0]
        soa.records = [f"{server}. awsdns-hostmaster.amazon.com. {SOA_TIMES}"]
        name_servers = next(record for record in zone.rrsets if record.type == "NS")
        name_servers.records = [f"{server}." for server in zone.delegation_set.name_servers]
        return zone

    def delete_hosted_zone(self, id_: str) -> FakeZone | None:
        """Deletes a zone. Raises AwsError while it has more record sets than a new one."""
        zone = self.get_hosted_zone(id_)
        if any(
            (r.name, r.type) not in ((zone.name, "NS"), (zone.name, "SOA")) for r in zone.rrsets
        ):
            message = (
                "The specified hosted zone contains non-required resource record sets and so "
                "cannot be deleted."
            )
            raise AwsError("HostedZoneNotEmpty", message)
        return super().delete_hosted_zone(id_)
