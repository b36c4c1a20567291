"""Reading a resource: AWS's description, and the state and inputs that follow from it."""

from dataclasses import replace
from typing import Any

from localcloud.plugins.aws.input_changes import input_value, state_value
from localcloud.plugins.aws.resource_type import Resource, ResourceType, Until
from localcloud.plugins.aws.session import ApiError, search
from localcloud.plugins.aws.tags import tags_of

NO_STATUS = Until("''", frozenset())
"""For types without a status to wait for."""


def describe(resource: Resource) -> Any:
    """AWS's description of the resource; None if it does not exist."""
    resource_type = resource.type
    try:
        answer = resource_type.read(resource)
        if (
            answer is None
            or status_of(resource_type.deleted, answer) in (resource_type.deleted or NO_STATUS).done
        ):
            return None
        return {
            **answer,
            **{name: call(resource) for name, call in resource_type.extra_reads.items()},
        }
    except ApiError as error:
        if error.code in resource_type.missing:
            return None
        raise


def status_of(until: Until | None, answer: Any) -> str:
    """AWS's status in an answer; empty without `until`."""
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
            found[name] = live if prop.as_read else state_value(prop, live, resource[name])
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
    """Tags without the default tags, unless the resource has the same as its own."""
    given, default = resource["tags"] or {}, resource.default_tags
    return {k: v for k, v in tags.items() if k in given or default.get(k) != v}


def own_id(resource: Resource, outputs: dict[str, Any], answer: Any) -> str:
    """The id in the form that a creation gives; an import may use another."""
    return str(replace(resource, props=outputs).output(resource.type.id, answer) or resource.id)


def imported(resource_type: ResourceType, id: str) -> dict[str, Any]:
    """What an import knows before it reads: the properties in the id, and the defaults of those
    that cannot be read."""
    unreadable = {
        name: prop.default for name, prop in resource_type.properties.items() if prop.read is None
    }
    return {**unreadable, **resource_type.from_id(id)}


def read_inputs(
    resource_type: ResourceType, outputs: dict[str, Any], old: dict[str, Any], imported: bool
) -> dict[str, Any]:
    """The inputs that describe what AWS has; the old ones where AWS has the same."""
    found = {}
    for name, prop in resource_type.inputs.items():
        if imported:
            found[name] = outputs.get(name, prop.default)
        elif prop.read is None:
            found[name] = old.get(name)
        else:
            found[name] = input_value(prop, outputs.get(name), old.get(name))
    return {name: value for name, value in found.items() if value is not None}
