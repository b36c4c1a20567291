"""The differences between two sets of inputs of a type, and whether they need a replacement."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.property_diff import Change, diff
from localcloud.plugins.values import UNKNOWN


class Difference(NamedTuple):
    """One changed path: how it changed, and whether that needs a new resource."""

    change: Change
    replace: bool


def differences(
    properties: Mapping[str, Prop], old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = ""
) -> dict[str, Difference]:
    """What changed from `old` to `new`, by path. Plain values, unknowns allowed in `new`."""
    return {
        path: found
        for name, prop in properties.items()
        for path, found in _differences(prop, old.get(name), new.get(name), prefix + name).items()
    }


def kept(properties: Mapping[str, Prop], names: Sequence[str], old: Any, new: Any) -> bool:
    """Whether these properties are equal in both, and at least one has a value."""
    unchanged = all(equal(properties[name], old.get(name), new.get(name)) for name in names)
    return unchanged and any(old.get(name) is not None for name in names)


def top(path: str) -> str:
    """The first property of a path."""
    return path.split(".")[0].split("[")[0]


def _differences(prop: Prop, old: Any, new: Any, path: str) -> dict[str, Difference]:
    if new is None and prop.computed:
        return {}
    new = prop.default if new is None else new
    if isinstance(prop.kind, Block) and isinstance(old, dict) and isinstance(new, dict):
        inner = differences(prop.kind.fields, old, new, f"{path}.")
        return {
            at: Difference(each.change, each.replace or prop.replace) for at, each in inner.items()
        }
    if equal(prop, old, new):
        return {}
    # A None in a map is a value for `equal` and absent for `diff`, so `diff` may be empty here.
    changed = diff(_blank_as_none(old), _blank_as_none(new), path) or {path: Change.UPDATE}
    return {at: Difference(change, prop.replace) for at, change in changed.items()}


def equal(prop: Prop, old: Any, new: Any) -> bool:
    """Whether AWS treats two values of a property as equal; None equals a blank value."""
    old, new = _blank_as_none(old), _blank_as_none(new)
    if old is None or new is None:
        return old is new
    if new is UNKNOWN or old is UNKNOWN:
        return False
    return bool(prop.kind.normal(old) == prop.kind.normal(new))


def blank(value: Any) -> bool:
    """Whether a value is None or empty, which AWS treats alike."""
    return value is None or value in ("", [], {})


def _blank_as_none(value: Any) -> Any:
    return None if blank(value) else value


def state_value(prop: Prop, live: Any, given: Any) -> Any:
    """The value for the state: AWS's, or the program's where that is equal."""
    if isinstance(prop.kind, Block) and isinstance(live, dict) and isinstance(given, dict):
        fields = prop.kind.fields
        return {
            name: state_value(fields[name], value, given.get(name)) if name in fields else value
            for name, value in live.items()
        }
    return given if given is not None and equal(prop, live, given) else live


def input_value(prop: Prop, live: Any, given: Any) -> Any:
    """The input that describes what AWS has: `given`, unless AWS's value differs from it."""
    if isinstance(prop.kind, Block) and isinstance(live, dict) and isinstance(given, dict):
        fields = prop.kind.fields
        found = {
            name: input_value(fields[name], live.get(name), given.get(name)) for name in fields
        }
        return {name: value for name, value in found.items() if value is not None}
    return live if _differences(prop, live, given, "it") else given
