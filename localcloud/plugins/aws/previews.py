"""What the engine stores or shows of a resource besides what AWS answers."""

from collections.abc import Mapping
from typing import Any

from localcloud.plugins.aws import lifecycle
from localcloud.plugins.aws.difference import blank, drifted
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.table import Resource, ResourceType
from localcloud.plugins.values import UNKNOWN


def created(resource: Resource) -> dict[str, Any]:
    """The state as far as it can be told before it is made."""
    resource_type = resource.type
    chosen_by_aws = {name for name, prop in resource_type.inputs.items() if prop.computed}
    unknown = dict.fromkeys([*resource_type.outputs, *chosen_by_aws], UNKNOWN)
    return {**unknown, **resource.props, **_always_told(resource)}


def updated(resource: Resource) -> dict[str, Any]:
    """The state after an update: all that AWS filled in stays, but for what the update changes."""
    inputs = resource.type.inputs
    updates = lifecycle.needed(resource, inputs)
    open = dict.fromkeys((name for each in updates for name in each.volatile), UNKNOWN)
    kept = _staying(inputs, resource.old)
    given = {n: _filled(inputs[n], resource.old.get(n), new) for n, new in resource.props.items()}
    return {**kept, **open, **given, **_always_told(resource)}


def _staying(properties: Mapping[str, Prop], old: Mapping[str, Any]) -> dict[str, Any]:
    """What keeps its value when the program gives none; of what it drops, no more than blanks."""
    dropped = {n for n, prop in properties.items() if not prop.computed and not blank(old.get(n))}
    return {name: value for name, value in old.items() if name not in dropped}


def _filled(prop: Prop, old: Any, new: Any) -> Any:
    """A new value, with what AWS filled into the old one of an object."""
    if not (isinstance(prop.kind, Block) and isinstance(old, dict) and isinstance(new, dict)):
        return new
    fields = prop.kind.fields
    given = {name: _filled(fields[name], old.get(name), value) for name, value in new.items()}
    return {**_staying(fields, old), **given}


def _always_told(resource: Resource) -> dict[str, Any]:
    told: dict[str, Any] = {"region": resource.region} if resource.type.regional else {}
    if resource.type.tagging:
        told["tagsAll"] = resource.tags_all
    return told


def imported(resource_type: ResourceType, id: str) -> dict[str, Any]:
    """What is known before AWS is asked: what the id says, and defaults of what AWS never tells."""
    untold = {
        name: prop.default for name, prop in resource_type.properties.items() if prop.read is None
    }
    return {**untold, **resource_type.from_id(id)}


def read_inputs(
    resource_type: ResourceType, outputs: dict[str, Any], old: dict[str, Any], imported: bool
) -> dict[str, Any]:
    """The inputs that make what AWS has, in the words of the old ones where they still hold."""
    found = {}
    for name, prop in resource_type.inputs.items():
        if imported:
            found[name] = outputs.get(name, prop.default)
        elif prop.read is None:
            found[name] = old.get(name)
        else:
            found[name] = drifted(prop, outputs.get(name), old.get(name))
    return {name: value for name, value in found.items() if value is not None}
