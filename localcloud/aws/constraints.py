"""The limits that AWS's own models set to parameters: enumerations, lengths and ranges."""

from collections.abc import Iterator
from typing import Any

from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError
from localcloud.aws.protocol import model_of


def check(call: Call, code: str) -> None:
    """Raise AwsError with this code for parameters that the operation's model does not allow."""
    shape = model_of(call.service).operation_model(call.operation).input_shape
    wrong = list(_breaches(shape, call.params, "")) if shape else []
    if wrong:
        errors = f"{len(wrong)} validation error{'s' if len(wrong) > 1 else ''} detected"
        raise AwsError(code, f"{errors}: {'; '.join(wrong)}")


def _breaches(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, each in value.items():
            if name in shape.members:
                at = f"{path}.{name[:1].lower()}{name[1:]}".removeprefix(".")
                yield from _breaches(shape.members[name], each, at)
    elif shape.type_name == "list":
        for number, each in enumerate(value, 1):
            yield from _breaches(shape.member, each, f"{path}.{number}.member")
    traits = shape.metadata
    if (words := traits.get("enum")) and value not in words:
        yield _sentence(value, path, f"satisfy enum value set: [{', '.join(words)}]")
    size, what = (len(value), "length") if hasattr(value, "__len__") else (value, "value")
    if size < traits.get("min", size):
        yield _sentence(value, path, f"have {what} greater than or equal to {traits['min']}")
    if size > traits.get("max", size):
        yield _sentence(value, path, f"have {what} less than or equal to {traits['max']}")


def _sentence(value: Any, path: str, rule: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {rule}"
