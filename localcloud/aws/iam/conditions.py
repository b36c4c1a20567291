"""The Condition element of IAM policies: operators over the keys of a request's context.

A request is refused, with the operator's name, if a policy uses one that is not implemented.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.aws.errors import AwsError

# By lower-case key; a key that the request does not have is left out.
Context = Mapping[str, tuple[str, ...]]
Test = Callable[[str, str], bool]  # the request's value and the policy's
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def _like(value: str, pattern: str) -> bool:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(escaped, value, re.DOTALL) is not None


def _number(test: Callable[[float, float], bool]) -> Test:
    def compare(value: str, wanted: str) -> bool:
        try:
            return test(float(value), float(wanted))
        except ValueError:
            return False

    return compare


POSITIVE: dict[str, Test] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "NumericEquals": _number(lambda value, wanted: value == wanted),
    "NumericLessThan": _number(lambda value, wanted: value < wanted),
    "NumericLessThanEquals": _number(lambda value, wanted: value <= wanted),
    "NumericGreaterThan": _number(lambda value, wanted: value > wanted),
    "NumericGreaterThanEquals": _number(lambda value, wanted: value >= wanted),
}
NEGATIVE = {  # with the test that is negated
    "StringNotEquals": POSITIVE["StringEquals"],
    "StringNotEqualsIgnoreCase": POSITIVE["StringEqualsIgnoreCase"],
    "StringNotLike": _like,
    "ArnNotEquals": _like,
    "ArnNotLike": _like,
    "NumericNotEquals": POSITIVE["NumericEquals"],
}


@dataclass(frozen=True)
class Condition:
    """One key of one operator. `quantifier` is "", ForAllValues or ForAnyValue."""

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False


def parse(element: Mapping[str, Mapping[str, Any]]) -> tuple[Condition, ...]:
    """The conditions of a Condition element."""
    return tuple(
        _condition(operator, key, values)
        for operator, keys in element.items()
        for key, values in keys.items()
    )


def _condition(text: str, key: str, values: Any) -> Condition:
    quantifier, _, operator = text.rpartition(":")
    given = values if isinstance(values, list) else [values]
    return Condition(
        operator=operator.removesuffix("IfExists"),
        key=key,
        values=tuple(_text(value) for value in given),
        quantifier=quantifier,
        if_exists=operator.endswith("IfExists"),
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def substitute(text: str, context: Context) -> str:
    """A policy's text with its variables, such as ${aws:username}, from the context.

    A variable without a value is left as it is, so that nothing matches, as on AWS.
    """
    if "${" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name in ("*", "?", "$"):
            return name
        found = context.get(name.lower())
        return found[0] if found else match[0]

    return _VARIABLE.sub(value, text)


def hold(conditions: tuple[Condition, ...], context: Context) -> bool:
    """Whether all conditions hold. Raises AwsError for an operator that is not implemented."""
    return all(_holds(condition, context) for condition in conditions)


def _holds(condition: Condition, context: Context) -> bool:
    found = context.get(condition.key.lower())
    if condition.operator == "Null":
        return (found is None) == (condition.values[0] == "true")
    test = POSITIVE.get(condition.operator) or NEGATIVE.get(condition.operator)
    if test is None or condition.quantifier not in ("", "ForAllValues", "ForAnyValue"):
        name = f"{condition.quantifier}:{condition.operator}".strip(":")
        raise AwsError(
            "AccessDenied",
            f"The policy condition operator {name} is not offered by the local cloud",
            403,
        )
    negative = condition.operator in NEGATIVE
    if found is None:
        return condition.if_exists or negative or condition.quantifier == "ForAllValues"
    wanted = [substitute(value, context) for value in condition.values]
    hits = [any(test(value, one) for one in wanted) != negative for value in found]
    return any(hits) if condition.quantifier == "ForAnyValue" else all(hits)
