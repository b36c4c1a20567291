"""Requests and answers judged by AWS's own models, which botocore has, as AWS itself would.

botocore validates types, required and unknown members and minimal lengths of requests before it
sends them. Here come the rest of the constraints of Smithy, in whose terms the models are written
(https://smithy.io/2.0/spec/constraint-traits.html): enumerations, patterns, lengths and ranges.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from localcloud.plugins.aws.session import Clients

Rule = Callable[[Any, Any, str], Iterator[str]]
"""A rule looks at a shape, a value and its path, and yields what is wrong, one line each."""


class Breach(AssertionError):
    """A request or an answer that AWS's model does not allow."""


class StrictClients(Clients):
    """Clients whose requests and answers must be what AWS's models say."""

    def _make(self, service: str, region: str, **credentials: str) -> Any:
        client = super()._make(service, region, **credentials)
        # Last, so that what botocore itself fills in is there.
        client.meta.events.register_last("before-parameter-build", _check_request)
        client.meta.events.register_last("after-call", _check_answer)
        return client


def _check_request(params: Any, model: Any, **_: Any) -> None:
    if model.input_shape:
        _refuse(model, model.input_shape, params, constraints)


def _check_answer(parsed: Any, model: Any, http_response: Any, **_: Any) -> None:
    if model.output_shape and http_response.status_code < 300:
        _refuse(model, model.output_shape, parsed, completeness)


def _refuse(model: Any, shape: Any, value: Any, rule: Rule) -> None:
    for found in breaches(shape, value, rule):
        raise Breach(f"{model.service_model.service_name} {model.name}: {found}")


def breaches(shape: Any, value: Any, rule: Rule, path: str = "") -> Iterator[str]:
    """Where a value breaks a rule, itself or anywhere within."""
    yield from rule(shape, value, path or "it")
    if shape.type_name == "structure":
        for name, each in value.items():
            if name in shape.members:
                yield from breaches(shape.members[name], each, rule, f"{path}.{name}")
    elif shape.type_name == "list":
        for index, each in enumerate(value):
            yield from breaches(shape.member, each, rule, f"{path}[{index}]")
    elif shape.type_name == "map":
        for key, each in value.items():
            yield from breaches(shape.key, key, rule, f"{path} key")
            yield from breaches(shape.value, each, rule, f"{path}[{key!r}]")


def constraints(shape: Any, value: Any, path: str) -> Iterator[str]:
    """The rule for requests."""
    traits = shape.metadata
    if shape.type_name == "structure":
        yield from (f"{path} has no member {name}" for name in set(value) - set(shape.members))
    if (words := traits.get("enum")) and value not in words:
        yield f"{path} is {value!r}, not one of {', '.join(words)}"
    if (pattern := traits.get("pattern")) and not _compiled(pattern).fullmatch(value):
        yield f"{path} is {value!r}, not of the form {pattern}"
    if "min" in traits or "max" in traits:
        size = len(value) if hasattr(value, "__len__") else value
        if not traits.get("min", size) <= size <= traits.get("max", size):
            yield f"{path} is {size}, not from {traits.get('min')} to {traits.get('max')}"


def completeness(shape: Any, value: Any, path: str) -> Iterator[str]:
    """The rule for answers: every member is there that the model requires."""
    if shape.type_name == "structure":
        lacking = set(shape.required_members) - set(value) - _UNSAID.get(shape.name, set())
        yield from (f"{path} lacks {name}" for name in sorted(lacking))


_UNSAID = {
    # Required by the model, but not in AWS's own example of an answer:
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html
    "ListHostedZonesResponse": {"Marker"},
    # moto answers all zones in one page, without these members; nothing here reads them.
    "ListHostedZonesByNameResponse": {"IsTruncated", "MaxItems"},
}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    r"""A pattern of a model (Java's) in Python's words; beyond ASCII, every letter is one."""
    words = {
        r"\p{ASCII}": r"[\x00-\x7f]",
        r"\p{L}": "A-Za-z\u00c0-\U0010ffff",
        r"\p{Z}": " \u00a0\u2000-\u200a\u2028\u2029\u202f\u3000",
        r"\p{N}": "0-9",
        r"\w-_": r"\w_-",
    }
    for java, python in words.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern, re.ASCII)
