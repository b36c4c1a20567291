from typing import Any

import pytest

from localcloud.aws.api import AwsApi, bootstrap
from tests.api.aws.support import Client, refusal


@pytest.fixture
def route53(client: Client) -> Any:
    """Route 53's client, with the zone shop.internal."""
    made = client("route53")
    made.create_hosted_zone(Name="shop.internal", CallerReference="one")
    return made


def test_a_new_zone_has_an_soa_that_reads_as_one(api: AwsApi, route53: Any) -> None:
    (zone,) = api.records.hosted_zones()
    assert zone.name == "shop.internal."
    found = {record.type: record.values for record in zone.records}
    assert found["SOA"] == (
        "ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",
    )
    assert all(server.endswith(".") for server in found["NS"])


def test_records_tell_aliases(api: AwsApi, route53: Any) -> None:
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    target = {"HostedZoneId": "Z1", "DNSName": "lb.aws", "EvaluateTargetHealth": False}
    record = {"Name": "shop.internal", "Type": "A", "AliasTarget": target}
    changes = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)
    (alias,) = [r for r in api.records.hosted_zones()[0].records if r.type == "A"]
    assert (alias.name, alias.alias, alias.values) == ("shop.internal.", "lb.aws", ())


VPC = {"VPCRegion": "eu-west-1", "VPCId": "vpc-1"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"VPC": VPC, "HostedZoneConfig": {"PrivateZone": True}}, "InvalidInput"),
        ({"CallerReference": "one"}, "HostedZoneAlreadyExists"),
        # github.com/aws-samples/sample-agentic-value-accelerator/pull/126
        ({"Name": "Example.com"}, "InvalidDomainName"),
        ({"Name": "dev.example.org."}, "InvalidDomainName"),
    ],
)
def test_zones_that_are_refused(route53: Any, more: dict[str, object], code: str) -> None:
    call = {"Name": "other.com", "CallerReference": "two", **more}
    assert refusal(route53.create_hosted_zone, **call)[0] == code


def change(action: str, name: str, kind: str, value: str, ttl: int = 60) -> dict[str, object]:
    records = [{"Value": value}]
    record = {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": records}
    return {"Action": action, "ResourceRecordSet": record}


CNAME = ("www.shop.internal", "CNAME", "a.example.org")


def test_a_record_that_was_deleted_can_be_made_again(api: AwsApi, client: Client) -> None:
    """The same name, type and values; a record that sorts after it exists all the time."""
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="shop.internal", CallerReference="one")["HostedZone"]

    def seen() -> list[tuple[str, str, tuple[str, ...]]]:
        records = api.records.hosted_zones()[0].records
        return sorted((r.name, r.type, r.values) for r in records if r.type not in ("SOA", "NS"))

    batch = [change("CREATE", "zzz.shop.internal", "A", "192.0.2.1")]
    last = ("zzz.shop.internal.", "A", ("192.0.2.1",))
    for action in ("CREATE", "DELETE", "CREATE", "DELETE", "UPSERT", "DELETE", "CREATE"):
        batch.append(change(action, *CNAME))
        route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": batch})
        batch = []
        made = [] if action == "DELETE" else [("www.shop.internal.", "CNAME", ("a.example.org",))]
        assert seen() == [*made, last]
    both = [change("DELETE", *CNAME), change("CREATE", "www.shop.internal", "A", "192.0.2.2")]
    route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": both})
    assert seen() == [("www.shop.internal.", "A", ("192.0.2.2",)), last]


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (change("CREATE", *CNAME), "but it already exists"),
        (change("CREATE", "WWW.shop.internal.", "CNAME", "b.example.org"), "but it already exists"),
        (change("DELETE", "other.shop.internal", "A", "192.0.2.1"), "but it was not found"),
        (change("DELETE", "www.shop.internal", "A", "192.0.2.1"), "but it was not found"),
        (
            change("DELETE", "www.shop.internal", "CNAME", "b.example.org"),
            "do not match the current",
        ),
        (change("DELETE", *CNAME, ttl=30), "do not match the current values"),
    ],
)
def test_a_batch_that_does_not_fit_does_nothing(
    api: AwsApi, client: Client, refused: dict[str, object], why: str
) -> None:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html"""
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="shop.internal", CallerReference="one")["HostedZone"]
    there = [change("CREATE", *CNAME)]
    route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": there})
    before = api.records.hosted_zones()
    batch = {"Changes": [change("UPSERT", "new.shop.internal", "A", "192.0.2.1"), refused]}
    code, message = refusal(
        route53.change_resource_record_sets, HostedZoneId=zone["Id"], ChangeBatch=batch
    )
    assert code == "InvalidChangeBatch"
    assert why in message
    assert api.records.hosted_zones() == before


def test_a_zone_of_a_reserved_name_is_there_by_option_alone(api: AwsApi, client: Client) -> None:
    bootstrap(api)
    assert api.records.hosted_zones() == ()
    bootstrap(api, "example.com")
    (zone,) = api.records.hosted_zones()
    assert (zone.name, [record.type for record in zone.records]) == ("example.com.", ["NS", "SOA"])
    (listed,) = client("route53").list_hosted_zones_by_name(DNSName="example.com")["HostedZones"]
    assert listed["Name"] == "example.com."
