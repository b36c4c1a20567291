from typing import Any

import pytest

from localcloud.aws.api import AwsApi, bootstrap
from tests.api.aws.support import Client, refusal, refuses

VPC = {"VPCRegion": "eu-west-1", "VPCId": "vpc-1"}
CNAME = ("www.shop.internal", "CNAME", "a.example.org")


class Zone:
    """Route 53's client and the zone shop.internal."""

    def __init__(self, api: AwsApi, client: Any) -> None:
        self.api, self.client = api, client
        made = client.create_hosted_zone(Name="shop.internal", CallerReference="one")
        self.id = made["HostedZone"]["Id"]

    def batch(self, *changes: dict[str, Any]) -> dict[str, Any]:
        """ChangeResourceRecordSets'."""
        return {"HostedZoneId": self.id, "ChangeBatch": {"Changes": list(changes)}}

    def change(self, *changes: dict[str, Any]) -> None:
        self.client.change_resource_record_sets(**self.batch(*changes))

    def seen(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Its records but for SOA and NS."""
        records = self.api.snapshots.hosted_zones()[0].records
        return sorted((r.name, r.type, r.values) for r in records if r.type not in ("SOA", "NS"))


@pytest.fixture
def zone(api: AwsApi, client: Client) -> Zone:
    return Zone(api, client("route53"))


def change(action: str, name: str, kind: str, value: str, ttl: int = 60) -> dict[str, Any]:
    records = [{"Value": value}]
    record = {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": records}
    return {"Action": action, "ResourceRecordSet": record}


def test_a_new_zone_has_an_soa_that_reads_as_one(zone: Zone) -> None:
    (made,) = zone.api.snapshots.hosted_zones()
    assert made.name == "shop.internal."
    found = {record.type: record.values for record in made.records}
    assert found["SOA"] == (
        "ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",
    )
    assert all(server.endswith(".") for server in found["NS"])


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"VPC": VPC, "HostedZoneConfig": {"PrivateZone": True}}, "InvalidInput"),
        ({"VPC": VPC}, "InvalidInput"),  # makes it private, too
        ({"CallerReference": "one"}, "HostedZoneAlreadyExists"),
        # github.com/aws-samples/sample-agentic-value-accelerator/pull/126
        ({"Name": "Example.com"}, "InvalidDomainName"),
        ({"Name": "dev.example.org."}, "InvalidDomainName"),
        ({"Name": "*.shop.test"}, "InvalidDomainName"),
        ({"Name": "a..test"}, "InvalidDomainName"),
        ({"Name": ""}, "InvalidDomainName"),
        ({"Name": "a{b.test"}, "InvalidDomainName"),  # by the local cloud alone
        ({"Name": f"{'a' * 64}.test"}, "InvalidDomainName"),
        ({"HostedZoneConfig": {"Comment": "c" * 257}}, "InvalidInput"),
    ],
)
def test_zones_that_are_refused(zone: Zone, more: dict[str, object], code: str) -> None:
    call = {"Name": "other.com", "CallerReference": "two", **more}
    assert refusal(zone.client.create_hosted_zone, **call)[0] == code


def test_a_record_that_was_deleted_can_be_made_again(zone: Zone) -> None:
    """The same name, type and values; a record that sorts after it exists all the time."""
    zone.change(change("CREATE", "zzz.shop.internal", "A", "192.0.2.1"))
    last = ("zzz.shop.internal.", "A", ("192.0.2.1",))
    for action in ("CREATE", "DELETE", "CREATE", "DELETE", "UPSERT", "DELETE", "CREATE"):
        zone.change(change(action, *CNAME))
        made = [] if action == "DELETE" else [("www.shop.internal.", "CNAME", ("a.example.org",))]
        assert zone.seen() == [*made, last]
    zone.change(change("DELETE", *CNAME), change("CREATE", "www.shop.internal", "A", "192.0.2.2"))
    assert zone.seen() == [("www.shop.internal.", "A", ("192.0.2.2",)), last]


def test_a_zone_is_deleted_once_it_is_empty_again(zone: Zone) -> None:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_DeleteHostedZone.html; NS
    records below the apex count."""
    delegation = ("dev.shop.internal", "NS", "ns.example.org")
    zone.change(change("CREATE", *delegation))
    refuses(zone.client.delete_hosted_zone, "HostedZoneNotEmpty", "non-required", Id=zone.id)
    zone.change(change("DELETE", *delegation))
    zone.client.delete_hosted_zone(Id=zone.id)
    assert zone.api.snapshots.hosted_zones() == ()


def test_zones_are_listed_by_name_from_the_last_label_on(zone: Zone) -> None:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html"""
    for name in ("Zoo.Test", "shop.test.", "a.shop.test"):
        zone.client.create_hosted_zone(Name=name, CallerReference=name)
    every = ["shop.internal.", "shop.test.", "a.shop.test.", "zoo.test."]

    def listed(**asked: Any) -> Any:
        answer = zone.client.list_hosted_zones_by_name(**asked)
        return [each["Name"] for each in answer["HostedZones"]], answer

    assert listed()[0] == every
    assert listed(DNSName="SHOP.test")[0] == every[1:]
    first, answer = listed(MaxItems="2")
    assert (first, answer["NextDNSName"]) == (every[:2], every[2])
    more = {"DNSName": answer["NextDNSName"], "HostedZoneId": answer["NextHostedZoneId"]}
    assert listed(**more)[0] == every[2:]


def test_a_zone_of_a_reserved_name_is_there_by_option_alone(api: AwsApi, client: Client) -> None:
    bootstrap(api)
    assert api.snapshots.hosted_zones() == ()
    bootstrap(api, "example.com")
    (zone,) = api.snapshots.hosted_zones()
    assert (zone.name, [record.type for record in zone.records]) == ("example.com.", ["NS", "SOA"])
    (listed,) = client("route53").list_hosted_zones_by_name(DNSName="example.com")["HostedZones"]
    assert listed["Name"] == "example.com."


def test_the_apex_keeps_its_soa_and_a_name_server(zone: Zone) -> None:
    found = zone.client.list_resource_record_sets(HostedZoneId=zone.id)["ResourceRecordSets"]
    own = [{"Action": "DELETE", "ResourceRecordSet": each} for each in found[:2]]
    why = (
        "[A HostedZone must contain at least one NS record for the zone itself., "
        "A HostedZone must contain exactly one SOA record.]"
    )
    batch = zone.batch(*own)
    refuses(zone.client.change_resource_record_sets, "InvalidChangeBatch", why, **batch)
    zone.change(change("UPSERT", "shop.internal", "NS", "ns-2048.awsdns-64.com."))


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("*.Shop.Internal", "\\052.shop.internal."),
        ("\\052.shop.internal.", "\\052.shop.internal."),
        ("a.*.shop.internal", "a.\\052.shop.internal."),
        ("*a.shop.internal", "\\052a.shop.internal."),
        ("A_b-\\101\\040@.shop.internal", "a_b-a\\040\\100.shop.internal."),
    ],
)
def test_names_are_stored_in_one_form(zone: Zone, given: str, stored: str) -> None:
    """Cases 18 and 19; docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html"""
    zone.change(change("CREATE", given, "TXT", '"x"'))
    start = {"StartRecordName": given, "StartRecordType": "TXT", "MaxItems": "1"}
    answer = zone.client.list_resource_record_sets(HostedZoneId=zone.id, **start)
    assert answer["ResourceRecordSets"][0]["Name"] == stored
    zone.change(change("DELETE", stored, "TXT", '"x"'))
