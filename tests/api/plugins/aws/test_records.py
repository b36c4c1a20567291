"""Records in the forms that a program may give them: cases 18 to 20, and routed records.

pulumi.com/registry/packages/aws/api-docs/route53/record, and the official provider's own ways:
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/route53/record.go
"""

import time
from typing import Any

import boto3
import pytest

from tests.api.plugins.aws.engine import Engine, Refused, Resource

RECORD = "aws:route53/record:Record"
LONG = f'{"a" * 255}""{"b" * 255}'
WEIGHT: dict[str, Any] = {"weightedRoutingPolicies": [{"weight": 3}], "setIdentifier": "one_a"}


@pytest.fixture
def zone(present: Any) -> str:
    made = present("aws:route53/zone:Zone", "of records", name="Records.Test.")
    assert made.outputs["name"] == "records.test"
    return str(made.id)


def inputs(zone: str, name: str, kind: str = "A", *values: str, **more: Any) -> dict[str, Any]:
    """A record's."""
    values = values or ("192.0.2.1",)
    return {"zoneId": zone, "name": name, "type": kind, "ttl": 60, "records": [*values], **more}


def alias(zone: str, name: str, target: str) -> dict[str, Any]:
    """Those of an alias of a record of the zone."""
    to = {"name": target, "zoneId": zone, "evaluateTargetHealth": False}
    return {"zoneId": zone, "name": name, "type": "A", "aliases": [to]}


def stored(zone: str) -> list[dict[str, Any]]:
    """What Route 53 has in the zone, without its own records."""
    found = boto3.client("route53").list_resource_record_sets(HostedZoneId=zone)
    return [each for each in found["ResourceRecordSets"] if each["Type"] not in ("NS", "SOA")]


@pytest.mark.parametrize(
    ("name", "kind", "value", "full", "sent"),
    [
        ("www", "A", "192.0.2.1", "www.records.test", None),
        ("", "A", "192.0.2.1", "records.test", None),
        ("WWW.Records.Test.", "A", "192.0.2.1", "www.records.test", None),
        ("*", "CNAME", "a.test", "*.records.test", None),
        ("*.records.test", "A", "192.0.2.1", "*.records.test", None),
        ("_a._tcp", "SRV", "1 2 443 a.test", "_a._tcp.records.test", None),
        ("t", "TXT", "v=1; a b", "t.records.test", '"v=1; a b"'),
        ("t", "TXT", LONG, "t.records.test", f'"{LONG}"'),
        ("t", "SPF", "v=spf1 -all", "t.records.test", '"v=spf1 -all"'),
    ],
)
def test_names_are_completed_and_texts_quoted(
    engine: Engine, zone: str, name: str, kind: str, value: str, full: str, sent: str | None
) -> None:
    news = inputs(zone, name, kind, value)
    begun = time.monotonic()
    made = engine.create(RECORD, "record", news)
    assert time.monotonic() - begun < 5  # case 18
    (found,) = stored(zone)
    assert found["Name"] == full.replace("*", "\\052") + "."
    assert found["ResourceRecords"] == [{"Value": sent or value}]
    short = name.lower().removesuffix(".")
    assert (made.outputs["fqdn"], made.outputs["name"]) == (full, short)
    assert made.id == f"{zone}_{short}_{kind}"
    same(engine, made, news)
    engine.delete(made)
    assert stored(zone) == []


def same(engine: Engine, made: Resource, news: dict[str, Any]) -> None:
    """A refresh and an import find the record, and its program changes nothing."""
    for found in (engine.read(made), engine.read(Resource(RECORD, "imported", made.id))):
        assert found.id == made.id
        assert engine.diff(found, news).paths == {}


def test_routed_records_and_aliases_are_made_changed_and_imported(
    engine: Engine, zone: str
) -> None:
    plain = engine.create(RECORD, "plain", inputs(zone, "plain"))
    weighted = inputs(zone, "w", **WEIGHT)
    for news, changed, member in (
        (weighted, {**weighted, "weightedRoutingPolicies": [{"weight": 0}]}, {"Weight": 0}),
        (weighted, {**weighted, "setIdentifier": "two"}, {"SetIdentifier": "two"}),
        (
            inputs(zone, "w", setIdentifier="m", multivalueAnswerRoutingPolicy=True),
            inputs(zone, "w", setIdentifier="m", multivalueAnswerRoutingPolicy=True, ttl=0),
            {"MultiValueAnswer": True, "TTL": 0},
        ),
        (alias(zone, "w", "Plain.Records.Test."), inputs(zone, "w"), {"TTL": 60}),
    ):
        made = engine.create(RECORD, "routed", news)
        assert made.id.endswith("_A" + (f"_{news['setIdentifier']}" if "ttl" in news else ""))
        same(engine, made, news)
        assert engine.diff(made, changed).replaces == []
        made = engine.update(made, changed)
        (found,) = (each for each in stored(zone) if each["Name"] == "w.records.test.")
        assert found.items() >= member.items()
        assert engine.diff(engine.read(made), changed).paths == {}
        engine.delete(made)
    engine.delete(plain)


def test_a_record_changes_its_type_and_back_in_place(engine: Engine, zone: str) -> None:
    """Case 3; the old set and the new one change places in one batch, as with the official
    provider, since nothing stands beside a CNAME."""
    engine.create(RECORD, "behind", behind := inputs(zone, "zzz"))
    cname, address = inputs(zone, "www", "CNAME", "a.example"), inputs(zone, "www")
    record = engine.create(RECORD, "www", cname)
    for news in (address, cname, address, cname):
        assert engine.diff(record, news).replaces == []
        record = engine.update(record, news)
        assert [each["Type"] for each in stored(zone)] == [news["type"], "A"]
    found = engine.diff(record, {**cname, "name": "other"})
    assert (found.replaces, found.delete_first) == (["name"], False)
    assert engine.diff(record, cname).delete_first  # a replacement that somebody asks for
    engine.delete(record)
    engine.delete(Resource(RECORD, "behind", f"{zone}_zzz_A", behind, behind))


def test_a_record_is_overwritten_only_where_the_program_allows_it(
    engine: Engine, zone: str
) -> None:
    first = engine.create(RECORD, "first", inputs(zone, "over"))
    other = inputs(zone, "over", "A", "192.0.2.2")
    with pytest.raises(Exception, match="but it already exists"):
        engine.create(RECORD, "second", other)
    engine.create(RECORD, "second", {**other, "allowOverwrite": True})
    assert stored(zone)[0]["ResourceRecords"] == [{"Value": "192.0.2.2"}]
    engine.delete(first)


@pytest.mark.parametrize(
    ("more", "path", "why"),
    [
        ({"records": None}, "records", "one of records and aliases must be given"),
        ({"aliases": [{"name": "a.test", "zoneId": "Z1", "evaluateTargetHealth": False}]},
         "records", "only one of records and aliases"),
        ({"ttl": None}, "ttl", "is required with records"),
        ({"setIdentifier": "one"}, "setIdentifier", "must be given, too"),
        ({"weightedRoutingPolicies": [{"weight": 1}]}, "weightedRoutingPolicies",
         "setIdentifier must be given, too"),
        ({**WEIGHT, "weightedRoutingPolicies": [{"weight": 256}]},
         "weightedRoutingPolicies[0].weight", "must be from 0 to 255"),
        ({**WEIGHT, "weightedRoutingPolicies": [{"weight": 1}] * 2}, "weightedRoutingPolicies",
         "at most one can be given"),
        ({**WEIGHT, "multivalueAnswerRoutingPolicy": True}, "weightedRoutingPolicies",
         "cannot be given with multivalueAnswerRoutingPolicy"),
        ({"latencyRoutingPolicies": [{"region": "eu-west-1"}]}, "latencyRoutingPolicies",
         "is not a property that the local cloud has"),
        ({"ttl": -1}, "ttl", "must be from 0"),
        ({"records": ["192.0.2.1", "hello"]}, "records[1]", "IllegalIPv4Address"),
        ({"type": "TXT", "records": ["a" * 256]}, "records[0]", 'up to 255 characters: put ""'),
        ({"type": "HTTPS"}, "type", "must be one of"),
    ],
)  # fmt: skip
def test_what_route_53_would_refuse_is_refused_in_the_preview(
    engine: Engine, more: dict[str, Any], path: str, why: str
) -> None:
    """Case 6."""
    news = {key: value for key, value in inputs("Z1", "www", **more).items() if value is not None}
    with pytest.raises(Refused) as caught:
        engine.check(RECORD, "record", news)
    assert why in caught.value.reasons[path]


def test_the_official_providers_ids_are_imported(engine: Engine, zone: str) -> None:
    for name, import_name in (("_acme.x_y", "_acme.x_y"), ("", ""), ("dot", "dot.")):
        made = engine.create(RECORD, "record", inputs(zone, name, **WEIGHT))
        found = engine.read(Resource(RECORD, "imported", f"{zone}_{import_name}_A_one_a"))
        assert (found.id, found.inputs["setIdentifier"]) == (made.id, "one_a")
        engine.delete(made)
    assert engine.read(Resource(RECORD, "imported", f"{zone}_nothing_A")).id == ""
