"""Records of Route 53, in the form that the official provider gives them.

A relative name is completed with the zone's; values of TXT are written without the quotes around
them, and with `""` between the strings of a long one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.route53 import values
from localcloud.aws.route53.names import fqdn
from localcloud.plugins.aws.kinds import Array, boolean, integer, string
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.resource_type import Resource, ResourceType, Timeouts, Update
from localcloud.plugins.aws.rules import between, one_of
from localcloud.plugins.aws.types.route53 import DomainName, written
from localcloud.plugins.values import UNKNOWN

TYPES_OF_RECORDS = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SPF", "SRV", "TXT")
QUOTED = ("TXT", "SPF")
POLICIES = ("weightedRoutingPolicies", "multivalueAnswerRoutingPolicy")


def _full_name(resource: Resource) -> str:
    """The name as Route 53 has it, which the zone's name completes."""
    name = written(resource["name"])
    answer = resource.invoke("get_hosted_zone", Id=resource["zoneId"])
    zone = written(answer["HostedZone"]["Name"])
    if name.endswith(zone):
        return fqdn(name)
    return fqdn(f"{name}.{zone}" if name else zone)


def _wanted(resource: Resource) -> dict[str, Any]:
    """The record set by the API's names."""
    wanted = resource.arguments("type", "ttl", "setIdentifier", "multivalueAnswerRoutingPolicy")
    wanted["Name"] = _full_name(resource)
    form = '"{}"' if resource["type"] in QUOTED else "{}"
    if records := resource["records"]:
        wanted["ResourceRecords"] = [{"Value": form.format(value)} for value in records]
    for alias in resource.arguments("aliases").get("Aliases") or ():
        wanted["AliasTarget"] = alias
    for policy in resource["weightedRoutingPolicies"] or ():
        wanted["Weight"] = policy["weight"]
    return wanted


def _change(resource: Resource, *changes: tuple[str, dict[str, Any]]) -> None:
    batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
    resource.invoke(
        "change_resource_record_sets",
        HostedZoneId=resource["zoneId"],
        ChangeBatch={"Changes": batch},
    )


def _present(resource: Resource, props: Mapping[str, Any]) -> dict[str, Any] | None:
    """The record set of this type and identifier as Route 53 has it."""
    name, identifier = _full_name(resource), props.get("setIdentifier")
    start = {"StartRecordName": name, "StartRecordType": props["type"]}
    if identifier:
        start["StartRecordIdentifier"] = identifier
    answer = resource.invoke(
        "list_resource_record_sets", HostedZoneId=resource["zoneId"], MaxItems="1", **start
    )
    wanted = (name, props["type"], identifier or None)
    for found in answer["ResourceRecordSets"]:
        if (found["Name"], found["Type"], found.get("SetIdentifier")) == wanted:
            return dict(found)
    return None


def _read(resource: Resource) -> dict[str, Any] | None:
    found = _present(resource, resource.props)
    if found is None:
        return None
    texts = [each["Value"] for each in found.get("ResourceRecords", ())]
    if found["Type"] in QUOTED:
        texts = [text[1:-1] for text in texts]
    given = resource["multivalueAnswerRoutingPolicy"]
    return {
        **found,
        "Given": written(resource["name"]),
        "Records": texts or None,
        "Aliases": [found["AliasTarget"]] if "AliasTarget" in found else None,
        "Weights": [{"Weight": found["Weight"]}] if "Weight" in found else None,
        "MultiValueAnswer": found.get("MultiValueAnswer", None if given is None else False),
    }


def _update(resource: Resource) -> None:
    """Change the record set; one of another type or identifier takes its place in one batch."""
    identity = ("type", "setIdentifier")
    old = {name: resource.old.get(name) for name in identity}
    if all(old[name] == resource[name] for name in identity):
        return _change(resource, ("UPSERT", _wanted(resource)))
    action = "UPSERT" if resource["allowOverwrite"] else "CREATE"
    present = _present(resource, old)
    deleted = [("DELETE", present)] if present else []
    return _change(resource, *deleted, (action, _wanted(resource)))


def _delete(resource: Resource) -> None:
    """Delete the record set; Route 53 requires all of its present values."""
    if present := _present(resource, resource.props):
        _change(resource, ("DELETE", present))


def _identity(resource: Resource) -> str:
    parts = [resource["zoneId"], written(resource["name"]), resource["type"]]
    return "_".join([*parts, *filter(None, [resource["setIdentifier"]])])


def _from_id(id: str) -> dict[str, str]:
    """ZONE_NAME_TYPE or ZONE_NAME_TYPE_SET; names may have underscores, too."""
    parts = id.split("_")
    at = next((n for n, part in enumerate(parts) if n > 1 and part in TYPES_OF_RECORDS), 0)
    if not at:
        return {}
    found = {"zoneId": parts[0], "name": "_".join(parts[1:at]), "type": parts[at]}
    identifier = "_".join(parts[at + 1 :])
    return found | ({"setIdentifier": identifier} if identifier else {})


def _conflicts(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Which properties do not go together, and values that Route 53 would refuse."""
    unknown = {name for name, value in given.items() if value is UNKNOWN}
    has = {n for n, value in given.items() if n not in unknown and value not in (None, [], "", 0)}
    has |= {"ttl"} if given.get("ttl") == 0 else set()
    may = has | unknown  # have a value, or will perhaps
    if not may & {"records", "aliases"}:
        yield "records", "one of records and aliases must be given"
    if has >= {"records", "aliases"}:
        yield "records", "only one of records and aliases can be given"
    if "records" in has and "ttl" not in may:
        yield "ttl", "is required with records"
    if has >= {"aliases", "ttl"}:
        yield "ttl", "cannot be given with aliases, which have the TTL of their target"
    if has.issuperset(POLICIES):
        yield POLICIES[0], f"cannot be given with {POLICIES[1]}"
    elif has.intersection(POLICIES) and "setIdentifier" not in may:
        yield min(has.intersection(POLICIES)), "setIdentifier must be given, too"
    if "setIdentifier" in has and not may.intersection(POLICIES):
        yield "setIdentifier", f"one of {', '.join(POLICIES)} must be given, too"
    for name in {"aliases", "weightedRoutingPolicies"} & has:
        if len(given[name]) > 1:
            yield name, f"at most one can be given, not {len(given[name])}"
    yield from _bad_values(given.get("type"), given.get("records"))


def _bad_values(kind: Any, records: Any) -> Iterator[tuple[str, str]]:
    """The values that Route 53 would refuse."""
    if kind is UNKNOWN or not isinstance(records, list):
        return
    form = '"{}"' if kind in QUOTED else "{}"
    for index, value in enumerate(records):
        if value is not UNKNOWN and (problem := values.problem(kind, form.format(value))):
            if "CharacterStringTooLong" in problem:
                problem = f'a string has up to {values.STRING} characters: put "" between parts'
            yield f"records[{index}]", problem


_ALIAS = {
    "name": Prop(DomainName(), required=True, aws="DNSName"),
    "zoneId": Prop(required=True, aws="HostedZoneId"),
    "evaluateTargetHealth": Prop(boolean(), required=True),
}
_WEIGHT = {"weight": Prop(integer(between(0, 255)), required=True)}

RECORD = ResourceType(
    token="aws:route53/record:Record",
    service="route53",
    regional=False,
    properties={
        "zoneId": Prop(required=True, replace=True, read=None),
        "name": Prop(DomainName(), required=True, replace=True, read="Given", as_read=True),
        "type": Prop(string(one_of(*TYPES_OF_RECORDS)), required=True),
        "ttl": Prop(integer(between(0, 2147483647)), aws="TTL"),
        "records": Prop(Array(), read="Records"),
        "aliases": Prop(Array(of=Block(fields=_ALIAS)), read="Aliases"),
        "setIdentifier": Prop(),
        "weightedRoutingPolicies": Prop(Array(of=Block(fields=_WEIGHT)), read="Weights"),
        "multivalueAnswerRoutingPolicy": Prop(boolean(), aws="MultiValueAnswer"),
        "allowOverwrite": Prop(boolean(), default=False, read=None),
    },
    outputs={
        "fqdn": lambda r, a: DomainName().from_aws(a["Name"], r.type.names),
    },
    create=lambda r: _change(r, ("UPSERT" if r["allowOverwrite"] else "CREATE", _wanted(r))),
    id=lambda r, a: _identity(r),
    from_id=_from_id,
    read=_read,
    updates=(
        Update(
            ("type", "ttl", "records", "aliases", "setIdentifier", *POLICIES),
            (_update,),
        ),
    ),
    delete=_delete,
    missing=("NoSuchHostedZone",),
    # A record that is replaced though it keeps its name cannot stand beside the new one.
    delete_first=("zoneId", "name"),
    conflicts=_conflicts,
    timeouts=Timeouts(1800, 1800, 1800),
)

TYPES = (RECORD,)
