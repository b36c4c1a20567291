"""Rules for values; see kinds.Rule."""

import ipaddress
import re

from localcloud.plugins.aws.kinds import Rule


def cidr(value: str) -> str | None:
    """An IPv4 network without host bits."""
    try:
        ipaddress.IPv4Network(value)
    except ValueError as error:
        return f"must be an IPv4 network such as 10.0.0.0/16 ({error})"
    return None


def arn(value: str) -> str | None:
    """An Amazon Resource Name."""
    return None if re.fullmatch(r"arn:[^:]*:[^:]+:[^:]*:[^:]*:.+", value) else "must be an ARN"


def one_of(*choices: str) -> Rule:
    """One of these words."""
    return lambda value: None if value in choices else f"must be one of {', '.join(choices)}"


def between(low: int, high: int) -> Rule:
    """A number from `low` to `high`."""
    return lambda value: None if low <= value <= high else f"must be from {low} to {high}"


def matching(pattern: str, meaning: str) -> Rule:
    """A string that matches all of `pattern`; `meaning` describes it in the message."""
    return lambda value: None if re.fullmatch(pattern, value) else f"must be {meaning}"
