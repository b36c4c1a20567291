"""A record is replaced by one of the same name and another type, and back."""

from typing import Any

from tests.api.plugins.aws.engine import Engine

RECORD = "aws:route53/record:Record"


def test_a_record_changes_its_type_and_back(engine: Engine, present: Any) -> None:
    zone = present("aws:route53/zone:Zone", "of changing records", name="changing.test").id

    def inputs(name: str, kind: str, value: str) -> dict[str, Any]:
        name = f"{name}.changing.test"
        return {"zoneId": zone, "name": name, "type": kind, "ttl": 60, "records": [value]}

    engine.create(RECORD, "behind", inputs("zzz", "A", "192.0.2.9"))
    alias, address = inputs("www", "CNAME", "a.example"), inputs("www", "A", "192.0.2.1")
    record = engine.create(RECORD, "www", alias)
    for news in (address, alias, address, alias):
        found = engine.diff(record, news)
        assert found.replaces == ["type"]
        assert found.delete_first  # nothing stands beside a CNAME
        engine.delete(record)
        record = engine.create(RECORD, "www", news)
    assert not engine.diff(record, inputs("other", "CNAME", "a.example")).delete_first
