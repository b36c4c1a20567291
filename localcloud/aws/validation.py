"""Parameters checked against botocore's shapes: types, lengths, patterns, enums."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from botocore.validate import ParamValidator

from localcloud.aws import protocol
from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError, not_offered

T = TypeVar("T")
UNICODE = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
}  # the classes that the offered services use
_LIMITS = {"string": len, "blob": len, "list": len, "map": len}


def checked(
    call: Call, operations: Mapping[str, T], invalid: str, unknown: str = "InvalidAction"
) -> T:
    """The function for a call's operation.

    Raises AwsError: `unknown` for an operation that is not among these, `invalid` for a parameter
    that violates its shape.
    """
    if call.operation not in operations:
        raise not_offered(f"{call.operation} of {call.service.name}", unknown)
    check(call, invalid)
    return operations[call.operation]


def check(call: Call, code: str) -> None:
    """Raise AwsError with `code` for the first parameter that violates its shape."""
    shape = protocol.model_of(call.service).operation_model(call.operation).input_shape
    if shape is None:
        return
    report = ParamValidator().validate(call.params, shape)
    if report.has_errors():
        raise AwsError(code, report.generate_report().splitlines()[0])
    for name, value in call.params.items():
        _check(shape.members[name], value, name, code)


def _check(shape: Any, value: Any, path: str, code: str) -> None:
    if shape.type_name == "structure":
        for name, member in value.items():
            _check(shape.members[name], member, f"{path}.{name}", code)
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            _check(shape.member, item, f"{path}[{number}]", code)
    elif shape.type_name == "map":
        for key, item in value.items():
            _check(shape.value, item, f"{path}.{key}", code)
    if problem := _problem(shape, value):
        raise AwsError(code, f"Value '{value}' at '{path}' failed to satisfy constraint: {problem}")


def _problem(shape: Any, value: Any) -> str | None:
    rules = shape.metadata
    measure = _LIMITS.get(shape.type_name)
    size = measure(value) if measure else value
    number = isinstance(size, int | float) and not isinstance(size, bool)
    if number and "max" in rules and size > rules["max"]:
        return f"Member must have at most {rules['max']}"
    if number and "min" in rules and size < rules["min"]:
        return f"Member must have at least {rules['min']}"
    if "enum" in rules and value not in rules["enum"]:
        return f"Member must satisfy enum value set: {rules['enum']}"
    pattern = rules.get("pattern")
    if pattern and isinstance(value, str) and not _pattern(pattern).fullmatch(value):
        return f"Member must satisfy regular expression pattern: {pattern}"
    return None


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    """A model's pattern, written for Java, as the nearest Python pattern.

    It has to match the whole value. \\w and \\d match ASCII only, as in Java, unless the pattern
    has a Unicode class such as \\p{L}.
    """
    ascii_only = not any(java in text for java in UNICODE)
    for java, python in UNICODE.items():
        text = text.replace(java, python)
    return re.compile(text, re.ASCII if ascii_only else 0)
