"""Reads Pulumi's configuration, typed; a value that breaks a rule stops the run with one line."""

import json
from collections.abc import Callable, Collection, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

import pulumi
from pulumi.runtime import config as runtime_config

T = TypeVar("T")
_MOST_DIGITS = 18  # far below the 4,300 above which int() raises an error of its own
Choice = TypeVar("Choice", bound=str)


def refuse(key: str, value: object, rule: object) -> NoReturn:
    """Stop the run with one line: the key, its value, and the rule that it breaks.

    A key without a namespace is the project's own.
    """
    full_key = key if ":" in key else f"{pulumi.get_project()}:{key}"
    raise pulumi.RunError(f"{full_key} is {json.dumps(value)}: {rule}")


def apply_rule(key: str, value: Any, rule: Callable[[Any], T]) -> T:
    """The value that a rule returns; if the rule raises ValueError, that text stops the run."""
    try:
        return rule(value)
    except ValueError as broken:
        refuse(key, value, broken)


class Reader:
    """The project's keys of a stack's configuration.

    Each method returns a key's value, typed and checked, or raises pulumi.RunError.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises pulumi.RunError for a key of the project's namespace that is not in `keys`."""
        self._config = pulumi.Config()
        prefix = f"{pulumi.get_project()}:"
        for key, value in sorted(_whole_configuration().items()):
            name = key.removeprefix(prefix)
            if key.startswith(prefix) and name not in keys:
                near = get_close_matches(name, keys, n=1)
                hint = f"did you mean {near[0]}?" if near else "Pulumi.yaml lists all"
                refuse(name, value, f"no such setting; {hint}")

    def string(self, key: str, rule: Callable[[str], str] = str) -> str:
        """A string that passes a rule."""
        value = self._config.get(key)
        if value is None:
            refuse(key, None, "must be set; Pulumi.yaml declares no default")
        return apply_rule(key, value, rule)

    def flag(self, key: str) -> bool:
        return self.choice(key, ("false", "true")) == "true"

    def integer(self, key: str, allowed: Collection[int]) -> int:
        """A whole number, one of those allowed."""
        value = self.string(key)
        digits = value.removeprefix("-")
        if not value.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
            refuse(key, value, "must be a whole number")
        if int(value) not in allowed:
            span = f"{allowed[0]} to {allowed[-1]}" if isinstance(allowed, range) else None
            refuse(key, int(value), f"must be {span or 'one of ' + ', '.join(map(str, allowed))}")
        return int(value)

    def choice(self, key: str, allowed: Sequence[Choice]) -> Choice:
        value = self.string(key)
        for known in allowed:
            if value == known:
                return known
        refuse(key, value, f"must be one of {', '.join(allowed)}")

    def strings(self, key: str, rule: Callable[[str], object]) -> tuple[str, ...]:
        """A list of strings, each of which passes the rule and occurs once."""
        values = self._structure(key, list)
        for value in values:
            if not isinstance(value, str):
                refuse(key, values, "must be a list of strings")
            apply_rule(key, value, rule)
        if len(set(values)) < len(values):
            refuse(key, values, "must not name anything twice")
        return tuple(values)

    def entries(self, key: str, rule: Callable[[dict[str, Any]], T]) -> T:
        """What a rule returns for an object of named entries."""
        return apply_rule(key, self._structure(key, dict), rule)

    def _structure(self, key: str, kind: type[T]) -> T:
        text = self.string(key)
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):  # also a number of too many digits
            value = text
        if not isinstance(value, kind):
            refuse(key, text, f"must be {'a list' if kind is list else 'an object'}")
        return value


def _whole_configuration() -> dict[str, Any]:
    # The SDK reads single keys only; a misspelt one is found by looking at all of them.
    return {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
