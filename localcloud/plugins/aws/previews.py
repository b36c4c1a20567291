"""What the engine stores or shows of a resource besides what AWS answers."""

from typing import Any

from localcloud.plugins.aws.difference import drifted
from localcloud.plugins.aws.record import Record
from localcloud.plugins.aws.table import ResourceType
from localcloud.plugins.values import UNKNOWN


def created(record: Record) -> dict[str, Any]:
    """The state as far as it can be told before it is made."""
    kind = record.type
    chosen_by_aws = {name for name, prop in kind.inputs.items() if prop.computed}
    unknown = dict.fromkeys([*kind.outputs, *chosen_by_aws], UNKNOWN)
    return {**unknown, **record.props, **_always_told(record)}


def updated(record: Record) -> dict[str, Any]:
    """The state after an update, as far as it can be told."""
    kind = record.type
    dropped = {name for name, prop in kind.inputs.items() if not prop.computed} - {*record.props}
    kept = {name: value for name, value in record.old.items() if name not in dropped}
    changing = dict.fromkeys(kind.volatile, UNKNOWN)
    return {**kept, **record.props, **changing, **_always_told(record)}


def _always_told(record: Record) -> dict[str, Any]:
    told: dict[str, Any] = {"region": record.region} if record.type.regional else {}
    if record.type.tagging:
        told["tagsAll"] = {} if record["tags"] is None else record["tags"]
    return told


def imported(kind: ResourceType, id: str) -> dict[str, Any]:
    """What is known before AWS is asked: what the id says, and defaults of what AWS never tells."""
    untold = {name: prop.default for name, prop in kind.properties.items() if prop.read is None}
    return {**untold, **kind.from_id(id)}


def read_inputs(
    kind: ResourceType, outputs: dict[str, Any], old: dict[str, Any], imported: bool
) -> dict[str, Any]:
    """The inputs that make what AWS has, in the words of the old ones where they still hold."""
    found = {}
    for name, prop in kind.inputs.items():
        if imported:
            found[name] = outputs.get(name, prop.default)
        elif prop.read is None:
            found[name] = old.get(name)
        else:
            found[name] = drifted(prop, outputs.get(name), old.get(name))
    return {name: value for name, value in found.items() if value is not None}
