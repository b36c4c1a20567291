"""Domain names in the form in which Route 53 stores them.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
"""

import re

WILDCARD = "\\052."
_TOKEN = re.compile(r"\\([0-7]{3})|(.)", re.DOTALL)
_PLAIN = re.compile(r"[a-z0-9_-]")
_WRITTEN = re.compile(r"(?:[!-\[\]-~]|\\[0-7]{3})*")
LABEL, NAME = 63, 255  # characters, an escape counts as one


def fqdn(name: str) -> str:
    """The name in lower case, with a dot at its end, and with an octal escape for each character
    but letters, digits, `-` and `_`."""
    return _TOKEN.sub(_stored, name.removesuffix(".")) + "."


def _stored(token: re.Match[str]) -> str:
    if token[2] == ".":
        return "."
    char = chr(int(token[1], 8)) if token[1] else token[2]
    return char.lower() if _PLAIN.fullmatch(char.lower()) else f"\\{ord(char):03o}"


def problem(name: str) -> str | None:
    """What is wrong with a name, in AWS's words, or None."""
    lengths = [len(_TOKEN.sub("x", label)) for label in name.removesuffix(".").split(".")]
    wrong = [
        (not name, "DomainNameEmpty (Domain name is empty)"),
        (0 in lengths and name != ".", "DomainLabelEmpty (Domain label is empty)"),
        (max(lengths) > LABEL, "DomainLabelTooLong (Domain label is too long)"),
        (sum(lengths) + len(lengths) > NAME, "DomainNameTooLong (Domain name is too long)"),
        (
            not _WRITTEN.fullmatch(name),
            "UnsupportedCharacter (Value contains unsupported characters)",
        ),
    ]
    return next((fatal(what, name) for holds, what in wrong if holds), None)


def fatal(what: str, value: str) -> str:
    """AWS's sentence about a value that it cannot read."""
    return f"FATAL problem: {what} encountered with '{value}'"


def below(name: str, zone: str) -> bool:
    """Whether a stored name is that of the zone, or in it."""
    return f".{name}".endswith(f".{zone}")


def order(name: str) -> str:
    """The key by which Route 53 sorts stored names: by the last label first."""
    return ".".join(reversed(name.removesuffix(".").split("."))) + "."
