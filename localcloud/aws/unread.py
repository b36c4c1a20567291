"""Refuses parameters that moto does not read, and would therefore ignore.

What an operation reads is known from its source: the names in the method that answers it, and in
the methods of its class that this one calls.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from moto.core.utils import camelcase_to_underscores

from localcloud.aws.calls import Call
from localcloud.aws.errors import not_offered
from localcloud.aws.protocol import model_of

# moto's class of responses, and the code with which the service refuses a parameter.
SERVICES = {
    "ec2": ("EC2Response", "UnsupportedOperation"),
    "iam": ("IamResponse", "InvalidInput"),
    "kms": ("KmsResponse", "UnsupportedOperationException"),
    "logs": ("LogsResponse", "InvalidParameterException"),
}
# They may be ignored: client tokens, paging, grant tokens of KMS; dryRun and maxCount, which
# ec2/parameters.py checks.
HARMLESS = {"clientToken", "dryRun", "grantTokens", "limit", "marker", "maxItems", "maxResults"}
HARMLESS |= {"nextToken", "maxCount"}
# A method that reads one of these may read any parameter.
_ALL = {"_get_params", "body", "data", "parameters", "querystring", "request_params"}
# Methods that are not searched: strings in them are not names of parameters.
_READERS = {"_get_bool_param", "_get_float_param", "_get_int_param", "_get_multi_param"}
_READERS |= {"_get_multi_param_dict", "_get_param", "response_template"}


def check(call: Call) -> None:
    """Raise AwsError for the first parameter with a value that moto does not read."""
    if call.service.name not in SERVICES:
        return
    class_name, code = SERVICES[call.service.name]
    names = _read(call.service.model, class_name, call.operation)
    shape = model_of(call.service).operation_model(call.operation).input_shape
    for name, value in call.params.items() if names is not None and shape else ():
        if value in (None, False, "", [], {}) or f"{name[:1].lower()}{name[1:]}" in HARMLESS:
            continue
        if not any(_is(known, wire) for wire in _wire(shape, name) for known in names or ()):
            raise not_offered(f"{name} of {call.operation}", code)


def _is(known: str, name: str) -> bool:
    return known == name or known.startswith(f"{name}.")


def _wire(shape: Any, name: str) -> Iterator[str]:
    """A parameter's name in the model and in a request."""
    yield name
    sent = shape.members[name].serialization
    written = sent.get("queryName") or sent.get("name", name)
    yield f"{written[:1].upper()}{written[1:]}"


@cache
def _read(package: str, class_name: str, operation: str) -> frozenset[str] | None:
    """The names that an operation may read; None if that cannot be said."""
    responses = getattr(import_module(f"moto.{package}.responses"), class_name)
    found: set[str] = set()
    left, seen = [camelcase_to_underscores(operation)], set(_READERS)
    while left:
        method = left.pop()
        if method in _ALL:
            return None
        function = getattr(responses, method, None)
        if method in seen or not callable(function):
            continue
        seen.add(method)
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self":
                left.append(node.attr)
    return frozenset(found)
