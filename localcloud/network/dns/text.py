"""Route 53 names and values in the syntax of zone files.

Route 53 escapes with octal numbers, zone files with decimal ones. Values that do not have the form
of their record type are refused, so that no value can add a line to the file.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

_OCTAL = re.compile(r"\\([0-7]{3})")
_NAME = re.compile(r"(?:[A-Za-z0-9_*/-]|\\\d{3})+(?:\.(?:[A-Za-z0-9_*/-]|\\\d{3})+)*\.?|\.")
_STRINGS = re.compile(
    r'"(?:[ !#-\[\]-~]|\\["\\]|\\\d{3})*"(?:[ \t]+"(?:[ !#-\[\]-~]|\\["\\]|\\\d{3})*")*'
)


def name(value: str) -> str:
    """The name, absolute and in lower case. Raises ValueError if it is not a domain name."""
    written = _OCTAL.sub(_decimal, value.strip())
    if not _NAME.fullmatch(written):
        raise ValueError(f"{value!r} is not a domain name")
    return written.lower().rstrip(".") + "."


def _decimal(octal: re.Match[str]) -> str:
    code = int(octal[1], 8)
    return chr(code) if re.fullmatch(r"[A-Za-z0-9_*/-]", chr(code)) else f"\\{code:03d}"


def _strings(value: str) -> str:
    written = _OCTAL.sub(lambda octal: f"\\{int(octal[1], 8):03d}", value.strip())
    if not _STRINGS.fullmatch(written):
        raise ValueError(f"{value!r} is not one or more quoted strings")
    return written


def _numbers_and_name(count: int) -> Callable[[str], str]:
    def write(value: str) -> str:
        *numbers, target = value.split()
        if len(numbers) != count or not all(number.isdecimal() for number in numbers):
            raise ValueError(f"{value!r} is not {count} numbers and a name")
        return " ".join([*numbers, name(target)])

    return write


def _caa(value: str) -> str:
    found = re.fullmatch(r"(\d+)\s+([a-z0-9]+)\s+(\".*\")", value.strip())
    if not found:
        raise ValueError(f"{value!r} is not a CAA value: flags, tag, quoted value")
    return f"{found[1]} {found[2]} {_strings(found[3])}"


_WRITERS: dict[str, Callable[[str], str]] = {
    "A": lambda value: str(IPv4Address(value)),
    "AAAA": lambda value: str(IPv6Address(value)),
    "CNAME": name,
    "NS": name,
    "PTR": name,
    "MX": _numbers_and_name(1),
    "SRV": _numbers_and_name(3),
    "TXT": _strings,
    "SPF": _strings,
    "CAA": _caa,
}


def value(kind: str, text: str) -> str:
    """A record's value. Raises ValueError for a type that is not served or a malformed value."""
    if kind not in _WRITERS:
        raise ValueError(f"record type {kind} is not implemented")
    return _WRITERS[kind](text)
