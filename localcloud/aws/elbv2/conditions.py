"""The conditions of rules, as AWS checks them.

docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html and
.../latest/APIReference/API_RuleCondition.html
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_interface
from typing import Any

from localcloud.aws.elbv2 import limits, offered
from localcloud.aws.errors import AwsError

Condition = dict[str, Any]  # with botocore's names

CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
SIMPLE = ("host-header", "path-pattern")  # their values can be given as Values, too
REPEATED = ("http-header", "query-string")  # a rule can have several of these
# The longest value, and what one can consist of; source-ip has no length.
VALUES = {
    "host-header": (128, r"[A-Za-z0-9._*?-]*\.[A-Za-z]+"),
    "path-pattern": (128, r"[A-Za-z0-9_.$/~\"'@:+;&*?-]+"),
    "http-header": (128, r"[\x20-\x7e]+"),
    "http-request-method": (40, r"[A-Z_-]+"),
    "query-string": (128, r"[\x20-\x7e]+"),
}
HEADER_NAME = (40, r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # a token of RFC 7230
WILDCARD = re.compile(r"(?<!\\)[*?]")


def checked(conditions: Iterable[Condition]) -> list[Condition]:
    """The conditions in the form that DescribeRules returns. Raises AwsError."""
    made = [_checked(condition) for condition in conditions]
    for field, count in Counter(condition["Field"] for condition in made).items():
        if count > 1 and field not in REPEATED:
            raise _invalid(f"A rule can only have one '{field}' condition")
    values = [value for condition in made for value in _values(condition)]
    if len(values) > limits.QUOTAS["condition-values-per-alb-rule"][0]:
        raise _invalid("A rule can only have '5' condition values")
    limits.check("condition-wildcards-per-alb-rule", sum(map(_wildcards, made)))
    return made


def _checked(condition: Condition) -> Condition:
    field = condition.get("Field")
    if field not in CONFIGS:
        raise _invalid(f"Condition field '{field}' must be one of '[{','.join(CONFIGS)}]'")
    name = CONFIGS[field]
    if extra := set(condition) - {"Field", "Values", name, "RegexValues"}:
        raise _invalid(f"{', '.join(sorted(extra))} cannot be given with the field '{field}'")
    config, simple = condition.get(name) or {}, condition.get("Values") or []
    for given in (condition, config):
        for member in ("RegexValues", "IpAddressType"):
            if given.get(member):
                raise offered.not_offered(f"{member} of the rule condition {field}")
    if simple and field not in SIMPLE:
        raise _invalid(f"The 'Values' field is not compatible with '{field}'")
    if simple and config:
        text = f"both Values and '{name}' for a condition of type '{field}'"
        raise _invalid(f"You cannot provide {text}")
    if len(simple) > 1:
        raise _invalid(f"The '{field}' field contains too many values; the limit is '1'")
    values = config.get("Values") or simple
    if not values:
        raise _invalid(f"A condition value must be specified for the field '{field}'")
    made: Condition = {"Field": field, name: {**config, "Values": values}}
    _check_values(field, made)
    return {**made, "Values": values} if field in SIMPLE else made


def _check_values(field: str, condition: Condition) -> None:
    if field == "http-header":
        header = condition["HttpHeaderConfig"].get("HttpHeaderName") or ""
        _check("http-header name", header, *HEADER_NAME)
        if header.lower() == "host":
            raise _invalid("The 'http-header' name cannot be 'Host': use a host-header condition")
    for value in _values(condition):
        if field == "source-ip":
            _check_block(value)
            continue
        parts = [value] if isinstance(value, str) else [value.get("Value") or ""]
        if isinstance(value, dict) and value.get("Key"):
            parts.append(value["Key"])
        for part in parts:
            _check(field, part, *VALUES[field])


def _check(what: str, value: str, longest: int, pattern: str) -> None:
    if len(value) > longest:
        raise _invalid(f"The '{what}' value is too long; the limit is '{longest}'")
    if not re.fullmatch(pattern, value):
        raise _invalid(f"The '{what}' value '{value}' is not valid: it has to match {pattern}")


def _check_block(value: str) -> None:
    with suppress(ValueError):
        if re.fullmatch(r".*/\d+", value) and ip_interface(value):  # Python also takes a netmask
            return
    raise _invalid(f"The 'source-ip' value '{value}' must be in CIDR format")


def _values(condition: Condition) -> list[Any]:
    values: list[Any] = condition[CONFIGS[condition["Field"]]]["Values"]
    return values


def _wildcards(condition: Condition) -> int:
    if condition["Field"] in ("http-request-method", "source-ip"):
        return 0
    return sum(len(WILDCARD.findall(text)) for text in _texts(condition))


def _texts(condition: Condition) -> Iterator[str]:
    for value in _values(condition):
        yield from [value] if isinstance(value, str) else value.values()


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
