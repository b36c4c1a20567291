from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from tests.local.aws.support import Client, refusal


@pytest.fixture
def route53(client: Client) -> Any:
    """Route 53's client, with the zone example.com."""
    made = client("route53")
    made.create_hosted_zone(Name="example.com", CallerReference="one")
    return made


def test_a_new_zone_has_an_soa_that_reads_as_one(api: AwsApi, route53: Any) -> None:
    (zone,) = api.records.hosted_zones()
    assert zone.name == "example.com."
    found = {record.type: record.values for record in zone.records}
    assert found["SOA"] == (
        "ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",
    )
    assert all(server.endswith(".") for server in found["NS"])


def test_records_tell_aliases(api: AwsApi, route53: Any) -> None:
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    target = {"HostedZoneId": "Z1", "DNSName": "lb.aws", "EvaluateTargetHealth": False}
    record = {"Name": "example.com", "Type": "A", "AliasTarget": target}
    changes = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)
    (alias,) = [r for r in api.records.hosted_zones()[0].records if r.type == "A"]
    assert (alias.name, alias.alias, alias.values) == ("example.com.", "lb.aws", ())


VPC = {"VPCRegion": "eu-west-1", "VPCId": "vpc-1"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"VPC": VPC, "HostedZoneConfig": {"PrivateZone": True}}, "InvalidInput"),
        ({"CallerReference": "one"}, "HostedZoneAlreadyExists"),
    ],
)
def test_zones_that_are_refused(route53: Any, more: dict[str, object], code: str) -> None:
    call = {"Name": "other.com", "CallerReference": "two", **more}
    assert refusal(route53.create_hosted_zone, **call)[0] == code
