"""Properties, and objects that consist of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from localcloud.plugins.aws.kinds import Kind, Naming, string
from localcloud.plugins.provider import PluginError
from localcloud.plugins.values import UNKNOWN


@dataclass(frozen=True)
class Prop:
    """One input property.

    Args:
        kind: the values that it takes.
        required: the program must give it.
        default: the value that Check fills in when the program gives none.
        replace: a change needs a new resource.
        computed: AWS chooses a value when the program gives none; an input left out is then not a
            difference.
        aws: its name in the API; by default derived from its own.
        read: where the result of `read` has it (JMESPath); by default `aws`. None if it cannot be
            read: then the state keeps the last value. In a Block it is a key of the object, and
            None is the same as the default.
        as_read: the state has AWS's form. Without it, the program's form is kept while the two are
            equal.
    """

    kind: Kind = field(default_factory=string)
    required: bool = False
    default: Any = None
    replace: bool = False
    computed: bool = False
    aws: str = ""
    read: str | None = ""
    as_read: bool = False


@dataclass(frozen=True)
class Block(Kind):
    """An object with properties of its own; `outputs` are fields that only AWS sets."""

    type: type = dict
    title: str = "an object"
    fields: Mapping[str, Prop] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    def failures(self, value: Any, path: str) -> Iterator[tuple[str, str]]:
        yield from super().failures(value, path)
        if isinstance(value, dict):
            yield from property_failures(self.fields, value, f"{path}.")

    def to_aws(self, value: Any, name: Naming) -> Any:
        return {
            self.fields[key].aws or name(key): self.fields[key].kind.to_aws(item, name)
            for key, item in value.items()
            if item is not None and key in self.fields
        }

    def from_aws(self, value: Any, name: Naming) -> Any:
        found = {}
        for key, prop in self.fields.items():
            item = value.get(prop.read or prop.aws or name(key))
            if item is not None:
                found[key] = prop.kind.from_aws(item, name)
        extra = {key: value.get(path) for key, path in self.outputs.items()}
        return found | {key: item for key, item in extra.items() if item is not None}

    def normal(self, value: Any) -> Any:
        return {
            key: item
            if item is UNKNOWN or key not in self.fields
            else self.fields[key].kind.normal(item)
            for key, item in value.items()
            if item is not None
        }


def property_failures(
    properties: Mapping[str, Prop], given: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, str]]:
    """What is wrong with an object: unknown names, missing properties, invalid values."""
    for key in given:
        if key not in properties and not key.startswith("__"):
            yield prefix + key, unknown_name(key, properties)
    for key, prop in properties.items():
        value = given.get(key)
        if value is UNKNOWN:
            continue
        if value is not None:
            yield from prop.kind.failures(value, prefix + key)
        elif prop.required:
            yield prefix + key, "is required"


def unknown_token(token: str, known: Mapping[str, Any]) -> PluginError:
    """The error for a type or function that is not in the table."""
    close = get_close_matches(token, known, 1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return PluginError(
        f"{token} is not in the local cloud{hint}: see docs/localcloud.md, how to add a type"
    )


def unknown_name(name: str, known: Mapping[str, Any]) -> str:
    """The reason for refusing a property that is not in the table."""
    close = get_close_matches(name, known, 1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"is not a property that the local cloud has{hint}"


def split_id(separator: str, *names: str) -> Callable[[str], dict[str, str]]:
    """For `from_id`: the properties of an id; empty if it has another form."""

    def split(id: str) -> dict[str, str]:
        parts = id.split(separator, len(names) - 1)
        return dict(zip(names, parts, strict=True)) if len(parts) == len(names) else {}

    return split
