"""Batches of changes that Route 53 takes or refuses: cases 18, 19, 21 and 22.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
"""

from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from tests.api.aws.support import Client, Elb, refuses
from tests.api.aws.test_route53 import CNAME, Zone, change

APEX, WWW = "shop.internal", "www.shop.internal"
NAME_SERVERS = ("NS", "ns-2048.awsdns-64.com.")
AMONG = "as it conflicts with other records with the same DNS name in zone shop.internal."
BESIDE = "a conflicting RRSet of type CNAME with the same DNS name already exists"


@pytest.fixture
def zone(api: AwsApi, client: Client) -> Zone:
    """A zone with a CNAME, an A, a weighted and a multivalue answer record."""
    zone = Zone(api, client("route53"))
    zone.change(
        change("CREATE", *CNAME),
        change("CREATE", f"a.{APEX}", "A", "192.0.2.1"),
        routed("CREATE", "w", "one", Weight=1),
        routed("CREATE", "m", "one", MultiValueAnswer=True),
    )
    return zone


def routed(action: str, name: str, identifier: str, **more: Any) -> dict[str, Any]:
    """A change of an A record with a routing policy."""
    made = change(action, f"{name}.{APEX}", "A", "192.0.2.9", more.pop("ttl", 60))
    made["ResourceRecordSet"] |= {"SetIdentifier": identifier, **more}
    return made


def alias(target: str, zone_id: str, name: str = "alias", **more: Any) -> dict[str, Any]:
    """A change that makes an alias record of type A, or of another."""
    to = {"HostedZoneId": zone_id, "DNSName": target, "EvaluateTargetHealth": False}
    record = {"Name": f"{name}.{APEX}", "Type": "A", "AliasTarget": to, **more}
    return {"Action": "CREATE", "ResourceRecordSet": record}


def record(kind: str, *values: str) -> dict[str, Any]:
    """A change that makes a record of these values."""
    made = change("CREATE", f"{'new' if kind != 'SRV' else '_a._tcp'}.{APEX}", kind, "")
    made["ResourceRecordSet"]["ResourceRecords"] = [{"Value": value} for value in values]
    return made


def without(*members: str, **more: Any) -> dict[str, Any]:
    """A change of a record without some members, and with others."""
    made = change("CREATE", f"new.{APEX}", "A", "192.0.2.1")
    kept = {k: v for k, v in made["ResourceRecordSet"].items() if k not in members}
    return {**made, "ResourceRecordSet": {**kept, **more}}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ([change("CREATE", *CNAME)], "but it already exists"),
        (
            [change("CREATE", "WWW.shop.internal.", "CNAME", "b.example.org")],
            "[Tried to create resource record set [name='www.shop.internal.', type='CNAME'] "
            "but it already exists]",
        ),
        ([routed("CREATE", "w", "one", Weight=2)], "type='A', set-identifier='one'] but it alread"),
        ([change("DELETE", f"other.{APEX}", "A", "192.0.2.1")], "but it was not found"),
        ([change("DELETE", WWW, "A", "192.0.2.1")], "but it was not found"),
        ([routed("DELETE", "w", "two", Weight=1)], "but it was not found"),
        ([change("DELETE", WWW, "CNAME", "b.example.org")], "do not match the current values"),
        ([change("DELETE", *CNAME, ttl=30)], "do not match the current values"),
        ([routed("DELETE", "w", "one", Weight=3)], "do not match the current values"),
        ([change("DELETE", *CNAME)] * 2, "invalid set of changes for a resource record set 'CNAM"),
        ([change("UPSERT", *CNAME)] * 2, "invalid set of changes"),
        ([record("A", "192.0.2.1")] * 2, "invalid set of changes"),
        ([change("CREATE", APEX, "CNAME", "a.test")], "is not permitted at apex in zone"),
        ([change("CREATE", WWW, "A", "192.0.2.1")], BESIDE),
        ([change("CREATE", f"a.{APEX}", "CNAME", "a.test")], AMONG),
        (
            [change("CREATE", "www.badshop.internal", "A", "192.0.2.1")],
            "[RRSet with DNS name www.badshop.internal. is not permitted in zone shop.internal.]",
        ),
        ([change("CREATE", f"*.{APEX}", *NAME_SERVERS)], "it is a wildcard"),
        ([change("CREATE", f"a..{APEX}", "A", "192.0.2.1")], "DomainLabelEmpty"),
        ([change("CREATE", f"{'a' * 64}.{APEX}", "A", "192.0.2.1")], "DomainLabelTooLong"),
        ([change("CREATE", f"{'a.' * 123}{APEX}", "A", "192.0.2.1")], "DomainNameTooLong"),
        ([change("CREATE", f"a b.{APEX}", "A", "192.0.2.1")], "UnsupportedCharacter"),
        ([change("CREATE", f"w.{APEX}", "A", "192.0.2.1")], "as other RRSets exist"),
        ([routed("CREATE", "a", "one", Weight=1)], "as a non-weighted set exists"),
        ([routed("CREATE", "m", "two", Weight=1)], "as a non-weighted set exists"),
        ([routed("CREATE", "w", "two", MultiValueAnswer=True)], "a non multivalue answer"),
        ([routed("CREATE", "w", "two", Weight=1, ttl=30)], "must contain the same TTL"),
        (
            [routed("CREATE", "w", f"n{number}", Weight=1) for number in range(100)],
            "as there are 100 weighted sets",
        ),
        ([record("A", *(f"192.0.2.{n % 256}" for n in range(401)))], "more than 400"),
        (
            [
                change("CREATE", f"n{number}.{APEX}", "A", "192.0.2.1")
                for number in range(1001)
            ],
            "Number of records limit of 1000",
        ),
        ([record("TXT", *(f'"{n:0250}"' for n in range(128)))], "characters limit of 32000"),
    ],
)  # fmt: skip
def test_a_batch_that_does_not_fit_does_nothing(
    zone: Zone, changes: list[dict[str, Any]], why: str
) -> None:
    """Case 21; https://repost.aws/knowledge-center/troubleshoot-route53-resource-record"""
    before = zone.api.snapshots.hosted_zones()
    batch = zone.batch(change("UPSERT", f"ok.{APEX}", "A", "192.0.2.1"), *changes)
    refuses(zone.client.change_resource_record_sets, "InvalidChangeBatch", why, **batch)
    assert zone.api.snapshots.hosted_zones() == before


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("A", "hello", "'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid"),
        ("A", "192.0.2.1 192.0.2.2", "ARRDATANotSingleField (Value contains spaces)"),
        ("A", "192.0.2.256", "IllegalIPv4Address"),
        ("A", "2001:db8::1", "IllegalIPv4Address"),
        ("AAAA", "192.0.2.1", "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"),
        ("AAAA", "fe80::1%eth0", "AAAARRDATAIllegalIPv6Address"),
        ("CNAME", "a..test", "DomainLabelEmpty (Domain label is empty) encountered with 'a..test'"),
        ("CNAME", "a.test b.test", "CNAMERRDATANotSingleField"),
        ("MX", "mail.test", "MXRRDATANotTwoFields (MX record doesn't have 2 fields)"),
        ("MX", "65536 mail.test", "MXRRDATAIllegalNumber"),
        ("SRV", "1 2 a.test", "SRVRRDATANotFourFields"),
        ("SRV", "1 2 x a.test", "SRVRRDATAIllegalNumber"),
        ("TXT", "plain", "InvalidCharacterString (Value should be enclosed in quotation marks)"),
        ("TXT", f'"{"a" * 256}"', "CharacterStringTooLong (Value is too long)"),
        ("TXT", '"ä"', "UnsupportedCharacter"),
        ("CAA", "0 issue", "CAARRDATANotThreeFields"),
        ("CAA", '256 issue "ca.test"', "CAARRDATAIllegalFlags"),
        ("CAA", "0 issue ca.test", "InvalidCharacterString"),
        ("NS", "ns 1", "NSRRDATANotSingleField"),
        ("PTR", "", "PTRRRDATANotSingleField"),
    ],
)  # fmt: skip
def test_values_that_are_refused(zone: Zone, kind: str, value: str, why: str) -> None:
    """https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html"""
    batch = zone.batch(record(kind, value))
    refuses(zone.client.change_resource_record_sets, "InvalidChangeBatch", why, **batch)


def test_values_that_are_taken_are_listed_as_they_were_given(zone: Zone) -> None:
    given = {
        "A": ["192.0.2.2", "192.0.2.1"],
        "AAAA": ["2001:db8:0:0::1"],
        "CAA": ['0 issue "ca.test; a=b"', '128 iodef "mailto:a@b.test"'],
        "MX": ["10 mail.test", "0 ."],
        "TXT": ['"a \\"b\\" \\\\ \\303\\244"', f'"{"a" * 255}" "{"b" * 255}"', '""'],
        "SRV": ["1 2 65535 a.test."],
        "NS": ["ns-1.Test"],
        "PTR": ["host.test"],
        "SPF": ['"v=spf1 -all"'],
    }
    zone.change(*(record(kind, *values) for kind, values in given.items()))
    found = zone.client.list_resource_record_sets(HostedZoneId=zone.id)["ResourceRecordSets"]
    listed = {
        each["Type"]: [value["Value"] for value in each["ResourceRecords"]]
        for each in found
        if each["Name"] in ("new.shop.internal.", "_a._tcp.shop.internal.")
    }
    assert listed == given


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (without("TTL"), "[AliasTarget, all of [TTL, and ResourceRecords], or "
         "TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, "
         "Name=new.shop.internal., Type=A, SetIdentifier=null]"),
        (without("ResourceRecords"), "but found none"),
        (alias(f"a.{APEX}", "Z1", TTL=60), "but found more than one"),
        (without(Weight=1), "Invalid request: Missing field 'SetIdentifier' in Change with [Acti"),
        (without(SetIdentifier="one"), "Expected exactly one of [Weight, Region"),
        (without(SetIdentifier="one", Weight=1, MultiValueAnswer=True), "found more than one"),
        (without(SetIdentifier="one", Weight=256), "'ChangeBatch.Changes[0].ResourceRecordSet"
         ".Weight' failed to satisfy constraint: Member must have at most 255"),
        (without(TTL=2147483648), "at most 2147483647"),
        (without(Type="X"), "satisfy enum value set: ['SOA', 'A', 'TXT"),
        ({**without(), "Action": "REPLACE"}, "enum value set: ['CREATE', 'DELETE', 'UPSERT']"),
        (without(SetIdentifier="s" * 129, Weight=1), "at most 128"),
        (without(SetIdentifier="one", Region="eu-west-1"), "Region of a record set is not offered"),
        (without(SetIdentifier="one", Failover="PRIMARY"), "Failover of a record set is not off"),
        (without(SetIdentifier="one", GeoLocation={"CountryCode": "*"}), "GeoLocation of a record"),
        (without(HealthCheckId="h-1"), "HealthCheckId of a record set is not offered"),
        (without(Type="HTTPS"), "the record type HTTPS is not offered"),
    ],
)  # fmt: skip
def test_what_is_no_record_set_is_invalid_input(
    zone: Zone, refused: dict[str, Any], why: str
) -> None:
    """ansible-collections/community.aws/issues/615; the limits are those of AWS's model."""
    batch = zone.batch(refused)
    refuses(zone.client.change_resource_record_sets, "InvalidInput", why, **batch)


def test_a_set_is_deleted_and_made_anew_and_cnames_change_places_in_one_batch(zone: Zone) -> None:
    zone.change(
        change("CREATE", f"a.{APEX}", "CNAME", "a.test"),
        change("DELETE", f"a.{APEX}", "A", "192.0.2.1"),
        change("DELETE", *CNAME),
        change("UPSERT", WWW, "CNAME", "b.test"),
    )
    cnames = [(name, values) for name, kind, values in zone.seen() if kind == "CNAME"]
    assert cnames == [("a.shop.internal.", ("a.test",)), ("www.shop.internal.", ("b.test",))]


def test_record_sets_are_listed_from_the_last_label_on_in_pages(zone: Zone) -> None:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html"""
    zone.change(
        routed("CREATE", "w", "a", Weight=0),
        change("CREATE", f"a.a.{APEX}", "A", "192.0.2.1"),
        change("CREATE", f"a.{APEX}", "AAAA", "2001:db8::1"),
    )
    every = [
        (name + ".shop.internal." if name else "shop.internal.", kind, identifier)
        for name, kind, identifier in (
            ("", "NS", None), ("", "SOA", None), ("a", "A", None), ("a", "AAAA", None),
            ("a.a", "A", None), ("m", "A", "one"), ("w", "A", "a"), ("w", "A", "one"),
            ("www", "CNAME", None),
        )
    ]  # fmt: skip
    listed: list[Any] = []
    start: dict[str, str] = {}
    while True:
        asked = {"HostedZoneId": zone.id, "MaxItems": "1", **start}
        answer = zone.client.list_resource_record_sets(**asked)
        listed += answer["ResourceRecordSets"]
        if not answer["IsTruncated"]:
            break
        parts = ("Name", "Type", "Identifier")
        keys = {f"StartRecord{part}": answer.get(f"NextRecord{part}") for part in parts}
        start = {key: value for key, value in keys.items() if value}
    assert [(r["Name"], r["Type"], r.get("SetIdentifier")) for r in listed] == every
    asked = {"HostedZoneId": zone.id, "StartRecordType": "A"}
    refuses(zone.client.list_resource_record_sets, "InvalidInput", "not valid", **asked)
    for size in ("x", "0", "-1"):
        asked = {"HostedZoneId": zone.id, "MaxItems": size}
        refuses(zone.client.list_resource_record_sets, "InvalidInput", "MaxItems", **asked)


def test_an_alias_stands_for_a_load_balancer_or_a_record_of_its_zone(zone: Zone, elb: Elb) -> None:
    """Case 22; https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html"""
    arn = elb.balancer()
    (made,) = elb.client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    own = zone.id.rpartition("/")[2]
    name, canonical = made["DNSName"], "Z32O12XQLNTSW2"
    assert (
        made["CanonicalHostedZoneId"] == canonical
    )  # docs.aws.amazon.com/general/latest/gr/elb.html
    zone.change(
        alias(f"DUALSTACK.{name}", canonical),
        alias(name, canonical, Type="AAAA"),
        alias(f"a.{APEX}", own, "to-record"),
        alias(f"to-record.{APEX}.", own, "to-alias"),
        alias(WWW, own, "to-cname", Type="CNAME"),
    )
    aliases = {
        record.name.removesuffix(".shop.internal."): record.alias
        for record in zone.api.snapshots.hosted_zones()[0].records
        if record.alias and record.type == "A"
    }
    assert aliases == {
        "alias": f"dualstack.{name}.".lower(),
        "to-record": "a.shop.internal.",
        "to-alias": "to-record.shop.internal.",
    }
    outside, missing = "does not lie within the target zone", "but that target was not found"
    for refused, words in (
        (alias("no-1.eu-west-1.elb.amazonaws.com", canonical, "x"), (missing,)),
        (alias(name, "Z2IFOLAFXWLO4F", "x"), (outside, missing)),  # that of an NLB
        (alias(name, canonical, "x", Type="TXT"), (missing,)),
        (alias("a.other.internal", own, "x"), (outside, missing)),
        (alias(f"none.{APEX}", own, "x"), (missing,)),
        (alias(WWW, own, "x"), (missing,)),
        (alias(APEX, own, "x", Type="NS"), (missing,)),
        (alias(f"x.{APEX}", own, "x"), (missing,)),
    ):
        for why in words:
            batch = zone.batch(refused)
            refuses(zone.client.change_resource_record_sets, "InvalidChangeBatch", why, **batch)
