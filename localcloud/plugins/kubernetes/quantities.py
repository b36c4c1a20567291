"""Kubernetes quantities: whether `1000m` and `1` are the same."""

import re
from decimal import Decimal
from typing import Any

_SUFFIXES = {
    "n": Decimal(10) ** -9,
    "u": Decimal(10) ** -6,
    "m": Decimal(10) ** -3,
    "": Decimal(1),
    "k": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15,
    "E": Decimal(10) ** 18,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
    "Pi": Decimal(2) ** 50,
    "Ei": Decimal(2) ** 60,
}
_QUANTITY = re.compile(
    r"([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)(?:([eE][+-]?\d+)|([KMGTPE]i|[numkMGTPE])?)"
)


def quantity(value: Any) -> Decimal | None:
    """The number that a quantity means, or None if `value` is no quantity."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    return Decimal(number + (exponent or "")) * _SUFFIXES[suffix or ""]


def same_quantity(live: Any, given: Any) -> bool:
    """Whether the server's spelling of a quantity means what was given.

    The server answers quantities as text and in its own units; two texts that differ and still
    mean the same number are such a pair, and so is a number given for a text.
    """
    if not isinstance(live, str) or live == given:
        return False
    number = quantity(live)
    return number is not None and number == quantity(given)
