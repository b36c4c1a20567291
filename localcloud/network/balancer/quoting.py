"""Quotes texts from records for nginx.conf, so that none is read as a directive or variable."""

import re
from collections.abc import Mapping

DOLLAR = "${dollar}"  # a variable that holds "$", which nginx has no escape for
_PLACEHOLDER = re.compile(r"(#\{[a-z]+\})")


def quoted(text: str) -> str:
    """A quoted parameter, in which variables are expanded. Raises ValueError for a NUL."""
    if "\0" in text:
        raise ValueError(f"{text!r} holds a NUL")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """The text with every "$" escaped; not yet quoted."""
    return text.replace("$", DOLLAR)


def filled(template: str, variables: Mapping[str, str]) -> str:
    """A template of the ELB API with its #{...} as nginx variables; not yet quoted.

    Raises ValueError for an unknown placeholder.
    """
    parts = _PLACEHOLDER.split(template)
    unknown = [part for part in parts[1::2] if part not in variables]
    if unknown:
        raise ValueError(f"{template!r}: no placeholder {unknown[0]}")
    return "".join(
        variables[part] if index % 2 else literal(part) for index, part in enumerate(parts)
    )


def pattern(wildcard: str, anything: str) -> str:
    """A regular expression for a pattern with * and ?; `anything` is what one character may be."""
    kinds = {"*": f"{anything}*", "?": anything}
    return "".join(kinds.get(character) or re.escape(character) for character in wildcard)
