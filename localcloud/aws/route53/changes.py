"""Checks a batch of changes against the records that a zone has now.

moto checks a change against a journal of all earlier changes, so that a deleted record could not
be created again.
"""

from collections.abc import Mapping
from typing import Any

from moto.route53.models import FakeZone, RecordSet

from localcloud.aws.errors import AwsError
from localcloud.aws.route53.names import fqdn

Key = tuple[str, str, str]  # name, type, set identifier
Values = tuple[str, str, list[str]]  # alias, TTL, sorted values


def _key(name: str, kind: str | None, identifier: str | None) -> Key:
    return fqdn(name), kind or "", identifier or ""


def _values_of(record: RecordSet) -> Values:
    alias = record.alias_target["DNSName"] if record.alias_target else ""
    return alias.rstrip("."), str(record.ttl or ""), sorted(record.records)


def _values_in(change: Mapping[str, Any]) -> Values:
    alias = (change.get("AliasTarget") or {}).get("DNSName", "")
    values = [each["Value"] for each in change.get("ResourceRecords") or []]
    return alias.rstrip("."), str(change.get("TTL") or ""), sorted(values)


def check(zone: FakeZone, changes: list[Any]) -> None:
    """Raise AwsError InvalidChangeBatch for a CREATE of a record set that exists, or a DELETE of
    one that does not exist or has other values."""
    present = {_key(r.name, r.type, r.set_identifier): _values_of(r) for r in zone.rrsets}
    for change in changes:
        record, action = change["ResourceRecordSet"], change["Action"]
        key = _key(record["Name"], record["Type"], record.get("SetIdentifier"))
        what = f"resource record set [name='{key[0]}', type='{key[1]}']"
        if action == "CREATE" and key in present:
            raise _invalid(f"Tried to create {what} but it already exists")
        if action == "DELETE" and key not in present:
            raise _invalid(f"Tried to delete {what} but it was not found")
        if action == "DELETE" and present.pop(key) != _values_in(record):
            raise _invalid(
                f"Tried to delete {what} but the values provided do not match the current values"
            )
        if action != "DELETE":
            present[key] = _values_in(record)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidChangeBatch", f"[{message}]")
