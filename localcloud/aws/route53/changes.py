"""Checks a batch of changes, and makes the record sets that it leads to.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html. The
messages are AWS's where an issue on GitHub or the documentation has them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.route53 import names, values
from localcloud.aws.route53.conflicts import conflicts
from localcloud.aws.route53.records import Described, Key, key, normal, record_values
from localcloud.aws.route53.targets import Targets

NOT_OFFERED = (
    "CidrRoutingConfig",
    "Failover",
    "GeoLocation",
    "GeoProximityLocation",
    "HealthCheckId",
    "Region",
    "TrafficPolicyInstanceId",
)
RECORDS, CHARACTERS, PER_SET = 1000, 32000, 400  # quotas of a batch, and of values in a set
_EXACTLY_ONE_VALUE = (
    "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
    "TrafficPolicyInstanceId]"
)
_EXACTLY_ONE_POLICY = (
    "Expected exactly one of [Weight, Region, Failover, MultiValueAnswer, GeoLocation, or "
    "CidrRoutingConfig]"
)


@dataclass(frozen=True)
class Change:
    """`record` is the record set as it is stored."""

    action: str
    record: Described


def apply(
    zone: str, present: Sequence[Described], given: Sequence[Mapping[str, Any]], targets: Targets
) -> list[Described]:
    """The record sets of a zone after a batch.

    Raises AwsError: InvalidInput for a malformed record set; InvalidChangeBatch, which lists every
    problem, for changes that the zone cannot take.
    """
    _check_size(given)
    changes = []
    for each in given:
        _check_form(each["Action"], each["ResourceRecordSet"])
        changes.append(Change(each["Action"], normal(each["ResourceRecordSet"])))
    wrong = [
        problem
        for each, change in zip(given, changes, strict=True)
        for problem in _problems(zone, each["ResourceRecordSet"], change)
    ]
    after = {key(record): record for record in present}
    wrong = wrong or _apply(after, changes)
    made = [change.record for change in changes if after.get(key(change.record)) is change.record]
    wrong = wrong or conflicts(zone, list(after.values()), made, targets)
    if wrong:
        raise AwsError("InvalidChangeBatch", f"[{', '.join(dict.fromkeys(wrong))}]")
    return list(after.values())


def _check_size(given: Sequence[Mapping[str, Any]]) -> None:
    """https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html"""
    given_values = [
        value
        for change in given
        for value in record_values(change["ResourceRecordSet"])
        for _ in range(2 if change["Action"] == "UPSERT" else 1)
    ]
    for what, count, limit in (
        ("records", len(given_values), RECORDS),
        ("characters", sum(map(len, given_values)), CHARACTERS),
    ):
        if count > limit:
            raise AwsError("InvalidChangeBatch", f"[Number of {what} limit of {limit} exceeded.]")


def _check_form(action: str, record: Mapping[str, Any]) -> None:
    """Raise AwsError unless the members fit together, and are offered."""
    kind, identifier = record["Type"], record.get("SetIdentifier")
    for name in NOT_OFFERED:
        if record.get(name) is not None:
            raise not_offered(f"{name} of a record set", "InvalidInput")
    if kind not in values.RULES:
        raise not_offered(f"the record type {kind}", "InvalidInput")
    alias = record.get("AliasTarget")
    policies = ["Weight"] if record.get("Weight") is not None else []
    policies += ["MultiValueAnswer"] if record.get("MultiValueAnswer") else []
    if alias and alias["EvaluateTargetHealth"] and "Weight" in policies:
        raise not_offered("EvaluateTargetHealth of a weighted record set", "InvalidInput")
    valued = [name for name in ("TTL", "ResourceRecords") if record.get(name) is not None]
    wrong = None
    if alias and valued:
        wrong = f"{_EXACTLY_ONE_VALUE}, but found more than one"
    elif not alias and len(valued) < 2:
        wrong = f"{_EXACTLY_ONE_VALUE}, but found none"
    elif policies and not identifier:
        wrong = "Missing field 'SetIdentifier'"
    elif identifier and not policies:
        wrong = f"{_EXACTLY_ONE_POLICY}, but found none"
    elif len(policies) > 1:
        wrong = f"{_EXACTLY_ONE_POLICY}, but found more than one"
    if wrong:
        where = f"Action={action}, Name={names.fqdn(record['Name'])}, Type={kind}"
        where += f", SetIdentifier={identifier or 'null'}"
        raise AwsError("InvalidInput", f"Invalid request: {wrong} in Change with [{where}]")


def _problems(zone: str, given: Mapping[str, Any], change: Change) -> Iterator[str]:
    """What is wrong with a change alone."""
    record, its_values = change.record, record_values(change.record)
    name, kind = record["Name"], record["Type"]
    if problem := names.problem(given["Name"]):
        yield problem
        return
    if not names.below(name, zone):
        yield f"RRSet with DNS name {name} is not permitted in zone {zone}"
    if kind == "NS" and name.startswith(names.WILDCARD):
        yield f"RRSet of type NS with DNS name {name} is not permitted: it is a wildcard"
    if kind == "CNAME" and name == zone:
        yield f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone}"
    if kind == "SOA" and name != zone:
        yield f"RRSet of type SOA with DNS name {name} is not permitted below apex in zone {zone}"
    if kind in ("CNAME", "SOA") and len(its_values) > 1:
        yield f"RRSet with DNS name {name}, type {kind} cannot have more than one record"
    if len(its_values) > PER_SET:
        yield f"Cannot have more than {PER_SET} records in a RRSet."
    yield from (
        f"Duplicate Resource Record: '{v}'"
        for v in dict.fromkeys(its_values)
        if its_values.count(v) > 1
    )
    yield from filter(None, (values.problem(kind, value) for value in its_values))


def _apply(after: dict[Key, Described], changes: Sequence[Change]) -> list[str]:
    """Make the changes in `after`; returns their problems.

    A set may be deleted and created anew in one batch, and not be changed twice otherwise
    (github.com/kubernetes-sigs/external-dns/issues/4241).
    """
    wrong = []
    for at in dict.fromkeys(key(change.record) for change in changes):
        actions = [change.action for change in changes if key(change.record) == at]
        if len(actions) > 1 and actions not in (["DELETE", "CREATE"], ["DELETE", "UPSERT"]):
            what = f"for a resource record set '{at[1]} {at[0]}'"
            wrong.append(f"The request contains an invalid set of changes {what}")
    if wrong:
        return wrong
    for change in changes:
        at, present = key(change.record), after.get(key(change.record))
        if change.action == "CREATE" and present:
            wrong.append(f"Tried to create {_named(at)} but it already exists")
        elif change.action == "DELETE" and not present:
            wrong.append(f"Tried to delete {_named(at)} but it was not found")
        elif change.action == "DELETE" and present and _content(present) != _content(change.record):
            why = "the values provided do not match the current values"
            wrong.append(f"Tried to delete {_named(at)} but {why}")
        elif change.action == "DELETE":
            del after[at]
        else:
            after[at] = change.record
    return wrong


def _named(at: Key) -> str:
    identifier = f", set-identifier='{at[2]}'" if at[2] else ""
    return f"resource record set [name='{at[0]}', type='{at[1]}'{identifier}]"


def _content(record: Described) -> dict[str, Any]:
    return {**record, "ResourceRecords": sorted(record_values(record))}
