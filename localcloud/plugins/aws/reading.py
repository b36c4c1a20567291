"""What AWS says of a resource, and the state that follows from it."""

from dataclasses import replace
from typing import Any

from localcloud.plugins.aws.difference import settled
from localcloud.plugins.aws.session import ApiError, search
from localcloud.plugins.aws.table import Resource, Until
from localcloud.plugins.aws.tags import tags_of


def describe(resource: Resource) -> Any:
    """What AWS says of the resource; None if it is gone."""
    resource_type = resource.type
    try:
        answer = resource_type.read(resource)
        if (
            answer is None
            or state_of(resource_type.deleted, answer) in (resource_type.deleted or NEVER).done
        ):
            return None
        return {**answer, **{name: call(resource) for name, call in resource_type.also.items()}}
    except ApiError as error:
        if error.code in resource_type.missing:
            return None
        raise


NEVER = Until("''", frozenset())
"""A wait that no state ends."""


def state_of(until: Until | None, answer: Any) -> str:
    """Where AWS says that the resource is on its way; empty if nothing is waited for."""
    return str(search(until.path, answer)) if until else ""


def outputs(resource: Resource, answer: Any) -> dict[str, Any]:
    """The state of the resource: AWS's values, or those of `resource.props` that are equal."""
    resource_type = resource.type
    found: dict[str, Any] = {}
    for name, prop in resource_type.properties.items():
        found[name] = resource[name]
        if prop.read is not None:
            live = search(prop.read or prop.aws or resource_type.names(name), answer)
            live = None if live is None else prop.kind.from_aws(live, resource_type.names)
            found[name] = settled(prop, live, resource[name])
    for name, what in resource_type.outputs.items():
        found[name] = resource.output(what, answer)
    if resource_type.regional:
        found["region"] = resource.region
    if resource_type.tagging:
        every = tags_of(search(resource_type.tagging.path, answer))
        found["tagsAll"] = {k: v for k, v in every.items() if not k.startswith("aws:")}
        own = _own_tags(resource, found["tagsAll"])
        found["tags"] = own or ({} if resource["tags"] == {} else None)
    return {name: value for name, value in found.items() if value is not None}


def _own_tags(resource: Resource, tags: dict[str, str]) -> dict[str, str]:
    """Tags but for those that the provider gives, unless the resource has them as its own too."""
    given, default = resource["tags"] or {}, resource.default_tags
    return {k: v for k, v in tags.items() if k in given or default.get(k) != v}


def own_id(resource: Resource, outputs: dict[str, Any], answer: Any) -> str:
    """The id as create gives it, where an import may use another form."""
    return str(replace(resource, props=outputs).output(resource.type.id, answer) or resource.id)
