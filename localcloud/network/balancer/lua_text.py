"""Writes values and patterns in Lua: pure functions."""

import re
from collections.abc import Mapping

WILDCARDS = {"*": ".*", "?": "."}


def lua(value: object) -> str:
    """A value of strings, numbers, booleans, None, mappings and sequences as a Lua expression."""
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return f'"{"".join(map(_character, value))}"'
        case Mapping():
            return "{" + ",".join(f"[{lua(key)}]={lua(one)}" for key, one in value.items()) + "}"
        case list() | tuple():
            return "{" + ",".join(map(lua, value)) + "}"
    raise TypeError(f"{value!r} cannot be written for Lua")


def _character(character: str) -> str:
    if character.isascii() and character.isprintable() and character not in '"\\':
        return character
    return "".join(f"\\{byte:03}" for byte in character.encode())


def pattern(wildcard: str, escapes: bool = False) -> str:
    r"""The Lua pattern of a wildcard pattern (* and ?); with `escapes`, \* and \? are literal."""
    parts = re.findall(r"\\[*?\\]|." if escapes else ".", wildcard, re.DOTALL)
    return f"^{''.join(WILDCARDS.get(part) or _literal(part[-1]) for part in parts)}$"


def _literal(character: str) -> str:
    plain = character.isalnum() or not character.isascii()
    return character if plain else f"%{character}"
