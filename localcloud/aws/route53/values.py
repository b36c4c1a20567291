"""Which values Route 53 takes in records of each type.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html. The codes for
A, AAAA, CNAME, MX and TXT are AWS's; for SRV and CAA it documents none.
"""

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from localcloud.aws.route53 import names

Rule = Callable[[str, str], str | None]
"""What is wrong with a value of a type, or None."""

STRING = 255  # characters of one string of a TXT record
_STRING = r'"((?:[^"\\]|\\[0-7]{3}|\\.)*)"'
_STRINGS = re.compile(rf"{_STRING}(?:[ \t]*{_STRING})*", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:[0-7]{3}|.)")


def problem(kind: str, value: str) -> str | None:
    """What is wrong with a value, in AWS's words, or None."""
    found = RULES[kind](kind, value)
    return f"Invalid Resource Record: '{found}'" if found else None


def _single(kind: str, value: str) -> str | None:
    if len(value.split()) == 1 and value == value.strip():
        return None
    return names.fatal(f"{kind}RRDATANotSingleField (Value contains spaces)", value)


def _address(kind: str, value: str) -> str | None:
    version, parse = (4, IPv4Address) if kind == "A" else (6, IPv6Address)
    try:
        parse(value)
    except AddressValueError:
        what = f"{kind}RRDATAIllegalIPv{version}Address (Value is not a valid IPv{version} address)"
        return _single(kind, value) or names.fatal(what, value)
    # An IPv6 address may have a zone in Python.
    return names.fatal("AAAARRDATAIllegalIPv6Address", value) if "%" in value else None


def _name(kind: str, value: str) -> str | None:
    return _single(kind, value) or names.problem(value)


def _numbers_and_name(count: int, words: str) -> Rule:
    def rule(kind: str, value: str) -> str | None:
        *numbers, name = value.split() or [""]
        if len(numbers) != count - 1:
            what = f"{kind}RRDATANot{words}Fields ({kind} record doesn't have {count} fields)"
            return names.fatal(what, value)
        if not all(re.fullmatch(r"\d{1,5}", each) and int(each) < 65536 for each in numbers):
            what = f"{kind}RRDATAIllegalNumber (Value is not a number from 0 to 65535)"
            return names.fatal(what, value)
        return names.problem(name)

    return rule


def _strings(kind: str, value: str) -> str | None:
    if not _STRINGS.fullmatch(value):
        what = "InvalidCharacterString (Value should be enclosed in quotation marks)"
        return names.fatal(what, value)
    if not re.fullmatch(r"[ -~\t]*", value):
        what = "UnsupportedCharacter (Value contains unsupported characters)"
        return names.fatal(what, value)
    if any(len(_ESCAPE.sub("x", each)) > STRING for each in re.findall(_STRING, value)):
        return names.fatal("CharacterStringTooLong (Value is too long)", value)
    return None


def _caa(kind: str, value: str) -> str | None:
    parts = value.split(maxsplit=2)
    if len(parts) != 3:
        return names.fatal("CAARRDATANotThreeFields (CAA record doesn't have 3 fields)", value)
    flags, tag, text = parts
    if not re.fullmatch(r"\d{1,3}", flags) or int(flags) > 255:
        return names.fatal("CAARRDATAIllegalFlags (Value is not a number from 0 to 255)", value)
    if not re.fullmatch(r"[A-Za-z0-9]{1,15}", tag):
        return names.fatal("CAARRDATAIllegalTag (Value is not letters and digits)", value)
    return _strings(kind, text)


def _soa(kind: str, value: str) -> str | None:
    if re.fullmatch(r"\S+( \S+)( \d{1,10}){5}", value):
        return None
    return names.fatal("SOARRDATANotSevenFields (SOA record doesn't have 7 fields)", value)


RULES: dict[str, Rule] = {
    "A": _address,
    "AAAA": _address,
    "CAA": _caa,
    "CNAME": _name,
    "MX": _numbers_and_name(2, "Two"),
    "NS": _name,
    "PTR": _name,
    "SOA": _soa,
    "SPF": _strings,
    "SRV": _numbers_and_name(4, "Four"),
    "TXT": _strings,
}
"""By type; other types are refused by name."""
