"""What AWS says of a resource, and the state that follows from it."""

from dataclasses import replace
from typing import Any

from localcloud.plugins.aws.difference import settled
from localcloud.plugins.aws.session import AwsError, search
from localcloud.plugins.aws.table import Record, Until
from localcloud.plugins.aws.tags import tags_of


def describe(record: Record) -> Any:
    """What AWS says of the resource; None if it is gone."""
    kind = record.type
    try:
        answer = kind.read(record)
        if answer is None or state_of(kind.deleted, answer) in (kind.deleted or NEVER).done:
            return None
        return {**answer, **{name: call(record) for name, call in kind.also.items()}}
    except AwsError as error:
        if error.code in kind.missing:
            return None
        raise


NEVER = Until("''", frozenset())
"""A wait that no state ends."""


def state_of(until: Until | None, answer: Any) -> str:
    """Where AWS says that the resource is on its way; empty if nothing is waited for."""
    return str(search(until.path, answer)) if until else ""


def outputs(record: Record, answer: Any) -> dict[str, Any]:
    """The state of the resource, from AWS's answer; in the words of `record.props` if the same."""
    kind = record.type
    found: dict[str, Any] = {}
    for name, prop in kind.properties.items():
        found[name] = record[name]
        if prop.read is not None:
            live = search(prop.read or prop.aws or kind.names(name), answer)
            live = None if live is None else prop.kind.from_aws(live, kind.names)
            found[name] = settled(prop, live, record[name])
    for name, what in kind.outputs.items():
        found[name] = record.output(what, answer)
    if kind.regional:
        found["region"] = record.region
    if kind.tagging:
        every = tags_of(search(kind.tagging.path, answer))
        found["tagsAll"] = {k: v for k, v in every.items() if not k.startswith("aws:")}
        own = _own_tags(record, found["tagsAll"])
        found["tags"] = own or ({} if record["tags"] == {} else None)
    return {name: value for name, value in found.items() if value is not None}


def _own_tags(record: Record, tags: dict[str, str]) -> dict[str, str]:
    """Tags but for those that the provider gives, unless the resource has them as its own too."""
    given, default = record["tags"] or {}, record.default_tags
    return {k: v for k, v in tags.items() if k in given or default.get(k) != v}


def own_id(record: Record, outputs: dict[str, Any], answer: Any) -> str:
    """The id as create gives it, where an import may use another form."""
    return str(replace(record, props=outputs).output(record.type.id, answer) or record.id)
