"""Route 53 names and values in the syntax of zone files.

Route 53 escapes characters by octal numbers, zone files by decimal ones. A value that does not have
the form of its record type is refused, so that no value can add a line to the file.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from localcloud.aws.route53 import names

_ESCAPE = re.compile(r"\\(?:([0-7]{3})|(.))")
_STRING = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'


def name(value: str) -> str:
    """A name, absolute and in lower case. Raises ValueError if it is not a domain name."""
    if names.problem(value.strip()):
        raise ValueError(f"{value!r} is not a domain name")
    return _ESCAPE.sub(_char, names.fqdn(value.strip()))


def _char(escape: re.Match[str]) -> str:
    """An escaped character as CoreDNS writes it, since CoreDNS compares names as texts."""
    char = chr(int(escape[1], 8))
    if char in " '@;()\"\\.":
        return f"\\{char}"
    return char if " " < char <= "~" else f"\\{ord(char):03d}"


def _decimal(escape: re.Match[str]) -> str:
    if escape[1]:
        return f"\\{int(escape[1], 8):03d}"
    return escape[2] if escape[2].isalnum() else escape[0]


def _strings(value: str) -> str:
    """Quoted strings, separated by spaces, which CoreDNS requires and Route 53 does not."""
    if not re.fullmatch(rf"{_STRING}(?:[ \t]*{_STRING})*", value.strip()):
        raise ValueError(f"{value!r} is not one or more quoted strings")
    return " ".join(_ESCAPE.sub(_decimal, each) for each in re.findall(_STRING, value))


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
