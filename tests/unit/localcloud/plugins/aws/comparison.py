"""What differs between the table of AWS types and the SDK, by property and kind of difference."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.plugins.aws import functions, types
from localcloud.plugins.aws.kinds import Array, Kind, StringMap
from localcloud.plugins.aws.properties import Block, Prop
from tests.unit.localcloud.plugins.aws import sdk

EXTRA = "extra"
"""The SDK does not have it."""
KIND = "kind"
"""The kinds of values differ."""
REQUIRED = "required"
"""One requires it, the other does not."""
DEFAULT = "default"
"""The defaults differ, or only one of the two has a default."""
REPLACES = "replaces"
"""A change needs a new resource by the SDK's documentation and not here, or the reverse."""
ABSENT = "absent"
"""An output of the SDK, not an input, that the table lacks."""

Found = Iterator[tuple[str, str]]
"""Paths of properties, each with its kind of difference."""


def of_type(token: str) -> Found:
    """How an entry of the table of types differs; inputs that it lacks are no difference."""
    kind = types.table()[token]
    inputs, outputs = sdk.inputs(token), sdk.outputs(token)
    yield from _inputs(kind.inputs, inputs, outputs)
    ours = {*kind.outputs, "tagsAll"} if kind.tagging else {*kind.outputs}
    yield from _outputs(ours, inputs, outputs)


def of_function(token: str) -> Found:
    """How the arguments of a function differ."""
    yield from _inputs(functions.table()[token].arguments, sdk.arguments(token), sdk.result(token))


def _inputs(
    ours: Mapping[str, Prop], theirs: sdk.Properties, outputs: sdk.Properties, prefix: str = ""
) -> Found:
    for name, prop in ours.items():
        if name not in theirs:
            yield prefix + name, EXTRA
            continue
        given = theirs[name]
        if _shape(prop.kind) != _flat(given.kind):
            yield prefix + name, KIND
        if prop.required != given.required:
            yield prefix + name, REQUIRED
        if not prop.computed and prop.default != given.default:
            yield prefix + name, DEFAULT
        if given.replaces not in (None, prop.replace):
            yield prefix + name, REPLACES
        block, fields = getattr(prop.kind, "of", prop.kind), sdk.fields(given.kind)
        if isinstance(block, Block) and fields:
            given_back = sdk.fields(outputs[name].kind)
            yield from _inputs(block.fields, fields, given_back, f"{prefix}{name}.")
            yield from _outputs(set(block.outputs), fields, given_back, f"{prefix}{name}.")


def _outputs(
    ours: set[str], inputs: sdk.Properties, outputs: sdk.Properties, prefix: str = ""
) -> Found:
    yield from ((prefix + name, EXTRA) for name in sorted(ours - set(outputs)))
    absent = set(outputs) - set(inputs) - ours
    yield from ((prefix + name, ABSENT) for name in sorted(absent))


def of_values(values: Mapping[str, Any], theirs: sdk.Properties, prefix: str = "") -> Found:
    """How what a resource or a function gave differs from what the SDK says it gives."""
    for name, value in values.items():
        if name not in theirs:
            yield prefix + name, EXTRA
        elif value is None:
            continue  # as if it were not there
        elif not _fits(value, theirs[name].kind):
            yield prefix + name, KIND
        else:
            items = value if isinstance(value, list) else [value]
            for item in items if (fields := sdk.fields(theirs[name].kind)) else ():
                yield from of_values(item, fields, f"{prefix}{name}.")


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(kind, str):
        return type(value).__name__ == kind
    if isinstance(kind, Mapping):
        return isinstance(value, dict)
    whole, items = (list, value) if kind[0] == "list" else (dict, getattr(value, "values", list)())
    return isinstance(value, whole) and all(_fits(item, kind[1]) for item in items)


def _shape(kind: Kind) -> Any:
    """Our kind by the SDK's names."""
    if isinstance(kind, Array):
        return ("list", _shape(kind.of))
    if isinstance(kind, StringMap):
        return ("map", "str")
    return "object" if isinstance(kind, Block) else kind.type.__name__


def _flat(kind: Any) -> Any:
    """The SDK's kind without what its objects are made of."""
    if isinstance(kind, tuple):
        return (kind[0], _flat(kind[1]))
    return "object" if isinstance(kind, Mapping) else kind
