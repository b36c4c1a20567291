"""The kinds of values that properties take: how each is checked, compared, sent and read.

A kind has four methods:
    failures(value, path)  what is wrong with a value of the program, by property path
    to_aws(value, name)    the value in the form of the AWS API
    from_aws(value, name)  a value of the AWS API in the form of the program
    normal(value)          a form that is equal for values that AWS treats as equal
`name` turns the name of a property into that of the API. Objects are properties.Block.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from localcloud.plugins.values import UNKNOWN

Naming = Callable[[str], str]
Rule = Callable[[Any], str | None]
"""Returns what is wrong with a value of the right type, or None."""


@dataclass(frozen=True)
class Kind:
    """A scalar: its type in Python, its title in messages, and a rule for its values."""

    type: type
    title: str
    rule: Rule | None = None

    def failures(self, value: Any, path: str) -> Iterator[tuple[str, str]]:
        wrong_bool = isinstance(value, bool) and self.type is not bool
        if not isinstance(value, self.type) or wrong_bool:
            yield path, f"expected {self.title}, got {json.dumps(value, default=str)}"
        elif self.rule and (reason := self.rule(value)):
            yield path, f"{json.dumps(value)}: {reason}"

    def to_aws(self, value: Any, name: Naming) -> Any:
        return value

    def from_aws(self, value: Any, name: Naming) -> Any:
        return value

    def normal(self, value: Any) -> Any:
        return value


def string(rule: Rule | None = None) -> Kind:
    """A string."""
    return Kind(str, "a string", rule)


def integer(rule: Rule | None = None) -> Kind:
    """A whole number."""
    return Kind(int, "a whole number", rule)


def boolean() -> Kind:
    """True or false."""
    return Kind(bool, "true or false")


@dataclass(frozen=True)
class BooleanString(Kind):
    """A string "true" or "false" (Terraform's nullable boolean) that is a boolean in the API."""

    type: type = str
    title: str = '"true" or "false"'
    rule: Rule | None = lambda v: None if v in ("true", "false") else 'must be "true" or "false"'

    def to_aws(self, value: Any, name: Naming) -> Any:
        return value == "true"

    def from_aws(self, value: Any, name: Naming) -> Any:
        return "true" if value else "false"


@dataclass(frozen=True)
class NumberString(Kind):
    """A string in the program, for which the API may return a number."""

    type: type = str
    title: str = "a string"

    def from_aws(self, value: Any, name: Naming) -> Any:
        return str(value)


@dataclass(frozen=True)
class Document(Kind):
    """JSON as text. In a policy, the order of lists makes no difference; see `_order_free`."""

    type: type = str
    title: str = "a string of JSON"
    rule: Rule | None = lambda v: _json_error(v)
    policy: bool = True

    def from_aws(self, value: Any, name: Naming) -> Any:
        return value if isinstance(value, str) else json.dumps(value)

    def normal(self, value: Any) -> Any:
        parsed = json.loads(value)
        return _order_free(parsed) if self.policy else parsed


@dataclass(frozen=True)
class Array(Kind):
    """A list, whose order makes no difference unless it is `ordered`."""

    type: type = list
    title: str = "a list"
    of: Kind = field(default_factory=string)
    ordered: bool = False

    def failures(self, value: Any, path: str) -> Iterator[tuple[str, str]]:
        yield from super().failures(value, path)
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if item is not UNKNOWN:
                yield from self.of.failures(item, f"{path}[{index}]")

    def to_aws(self, value: Any, name: Naming) -> Any:
        return [self.of.to_aws(item, name) for item in value]

    def from_aws(self, value: Any, name: Naming) -> Any:
        return [self.of.from_aws(item, name) for item in value]

    def normal(self, value: Any) -> Any:
        items = [item if item is UNKNOWN else self.of.normal(item) for item in value]
        return items if self.ordered else sorted(items, key=_text)


@dataclass(frozen=True)
class StringMap(Kind):
    """A map from string to string."""

    type: type = dict
    title: str = "a map of strings"

    def failures(self, value: Any, path: str) -> Iterator[tuple[str, str]]:
        yield from super().failures(value, path)
        for key, item in value.items() if isinstance(value, dict) else ():
            if item is not UNKNOWN:
                yield from string().failures(item, f'{path}["{key}"]')


@dataclass(frozen=True)
class TagMap(StringMap):
    """A map of tags inside an object; in EC2's API a list of Key and Value."""

    def to_aws(self, value: Any, name: Naming) -> Any:
        return [{"Key": key, "Value": item} for key, item in value.items()]

    def from_aws(self, value: Any, name: Naming) -> Any:
        return {each["Key"]: each["Value"] for each in value}


def _text(value: Any) -> str:
    """A text that is equal for equal values: the engine sends an object's keys in any order."""
    return json.dumps(value, sort_keys=True, default=repr)


def _json_error(value: str) -> str | None:
    try:
        json.loads(value)
    except ValueError as error:
        return f"is not JSON: {error}"
    return None


def _order_free(value: Any) -> Any:
    """A policy with lists sorted and lists of one replaced by their item, which IAM reads alike."""
    if isinstance(value, dict):
        return {key: _order_free(item) for key, item in value.items()}
    if isinstance(value, list):
        items = sorted((_order_free(item) for item in value), key=_text)
        return items[0] if len(items) == 1 else items
    return value
