import pytest

from localcloud.aws.api import AwsApi
from tests.local.aws.support import Client, refusal


def test_a_new_zone_has_an_soa_that_reads_as_one(api: AwsApi, client: Client) -> None:
    client("route53").create_hosted_zone(Name="example.com", CallerReference="one")
    (zone,) = api.records.hosted_zones()
    assert zone.name == "example.com."
    found = {record.type: record.values for record in zone.records}
    assert found["SOA"] == (
        "ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",
    )
    assert all(server.endswith(".") for server in found["NS"])


def test_records_tell_aliases(api: AwsApi, client: Client) -> None:
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]
    target = {"HostedZoneId": "Z1", "DNSName": "lb.aws", "EvaluateTargetHealth": False}
    change = {
        "Action": "UPSERT",
        "ResourceRecordSet": {"Name": "example.com", "Type": "A", "AliasTarget": target},
    }
    route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": [change]})
    (alias,) = [r for r in api.records.hosted_zones()[0].records if r.type == "A"]
    assert (alias.name, alias.alias, alias.values) == ("example.com.", "lb.aws", ())


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (
            {
                "VPC": {"VPCRegion": "eu-west-1", "VPCId": "vpc-1"},
                "HostedZoneConfig": {"PrivateZone": True},
            },
            "InvalidInput",
        ),
        ({"CallerReference": "one"}, "HostedZoneAlreadyExists"),
    ],
)
def test_zones_that_are_refused(client: Client, more: dict[str, object], code: str) -> None:
    route53 = client("route53")
    route53.create_hosted_zone(Name="example.com", CallerReference="one")
    call = {"Name": "other.com", "CallerReference": "two", **more}
    assert refusal(route53.create_hosted_zone, **call)[0] == code
