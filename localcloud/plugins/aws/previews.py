"""The outputs that a preview shows for a creation or an update."""

from collections.abc import Mapping
from typing import Any

from localcloud.plugins.aws import lifecycle
from localcloud.plugins.aws.input_changes import blank
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.resource_type import Resource
from localcloud.plugins.values import UNKNOWN


def created(resource: Resource) -> dict[str, Any]:
    """The inputs, and unknowns for what only AWS knows."""
    resource_type = resource.type
    chosen_by_aws = {name for name, prop in resource_type.inputs.items() if prop.computed}
    unknown = dict.fromkeys([*resource_type.outputs, *chosen_by_aws], UNKNOWN)
    return {**unknown, **resource.props, **_known_outputs(resource)}


def updated(resource: Resource) -> dict[str, Any]:
    """The state with the new inputs, and unknowns for the outputs that the update may change."""
    inputs = resource.type.inputs
    updates = lifecycle.needed(resource, inputs)
    unknown = dict.fromkeys((name for each in updates for name in each.volatile), UNKNOWN)
    old = _kept(inputs, resource.old)
    given = {n: _filled(inputs[n], resource.old.get(n), new) for n, new in resource.props.items()}
    return {**old, **unknown, **given, **_known_outputs(resource)}


def _kept(properties: Mapping[str, Prop], old: Mapping[str, Any]) -> dict[str, Any]:
    """The old values that an update keeps where the program gives none: those chosen by AWS."""
    dropped = {n for n, prop in properties.items() if not prop.computed and not blank(old.get(n))}
    return {name: value for name, value in old.items() if name not in dropped}


def _filled(prop: Prop, old: Any, new: Any) -> Any:
    """A new value, with the fields of an object that AWS chose in the old one."""
    if not (isinstance(prop.kind, Block) and isinstance(old, dict) and isinstance(new, dict)):
        return new
    fields = prop.kind.fields
    given = {name: _filled(fields[name], old.get(name), value) for name, value in new.items()}
    return {**_kept(fields, old), **given}


def _known_outputs(resource: Resource) -> dict[str, Any]:
    known: dict[str, Any] = {"region": resource.region} if resource.type.regional else {}
    if resource.type.tagging:
        known["tagsAll"] = resource.tags_all
    return known
