"""Writes values and patterns in the language of nginx's Lua module: pure functions."""

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
    r"""A Lua pattern for one with * and ?; with `escapes`, a \ makes the next character literal."""
    parts, literal = [], False
    for character in wildcard:
        if escapes and character == "\\" and not literal:
            literal = True
            continue
        wild = None if literal else WILDCARDS.get(character)
        parts.append(wild or exactly(character))
        literal = False
    return f"^{''.join(parts)}$"


def exactly(text: str) -> str:
    """A Lua pattern for a text itself, without anchors."""
    return "".join(
        character if character.isalnum() or not character.isascii() else f"%{character}"
        for character in text
    )
