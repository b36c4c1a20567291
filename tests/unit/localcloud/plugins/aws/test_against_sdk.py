"""The table of AWS types and the functions are as in the official provider's SDK.

The differences are listed in differences.py: a difference that is not listed fails, and so does a
row that is no difference.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.aws import functions, types
from localcloud.plugins.aws.properties import Block
from localcloud.plugins.aws.servicer import AwsProvider
from localcloud.plugins.values import to_struct
from tests.unit.localcloud.plugins.aws import comparison, sdk
from tests.unit.localcloud.plugins.aws.differences import TOKENS, listed

PROVIDER: Any = AwsProvider()


@pytest.mark.parametrize("token", types.table())
def test_a_type_differs_from_the_sdk_only_as_listed(token: str) -> None:
    assert set(comparison.of_type(token)) == listed(token)


@pytest.mark.parametrize("token", functions.table())
def test_the_arguments_of_a_function_differ_only_as_listed(token: str) -> None:
    rows = {(path, what) for path, what in listed(token) if what != comparison.ABSENT}
    assert set(comparison.of_function(token)) == rows


def test_every_row_is_of_a_type_or_function() -> None:
    assert {*types.table(), *functions.table()} >= TOKENS


@pytest.mark.parametrize("token", types.table())
def test_every_input_that_a_type_lacks_is_refused_by_name(token: str) -> None:
    for path, inputs in _lacking(types.table()[token].inputs, sdk.inputs(token)):
        request = provider_pb2.CheckRequest(
            urn=f"urn:pulumi:s::p::{token}::x", news=to_struct(inputs)
        )
        reasons = {each.property: each.reason for each in PROVIDER.Check(request, None).failures}
        assert reasons.get(path, "").startswith("is not a property that"), path


@pytest.mark.parametrize("token", functions.table())
def test_every_argument_that_a_function_lacks_is_refused_by_name(token: str) -> None:
    function = functions.table()[token]
    for path, inputs in _lacking(function.arguments, sdk.arguments(token)):
        refused = functions.failures(function, inputs)
        assert refused.get(path, "").startswith("is not a property that"), path


def _lacking(ours: Any, theirs: sdk.Properties) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of the SDK that is not ours: its path, and inputs that give it alone."""
    for name, given in theirs.items():
        if name not in ours:
            yield name, {name: "given"}
            continue
        kind = ours[name].kind
        block = getattr(kind, "of", kind)
        if isinstance(block, Block):
            many = block is not kind
            for path, inner in _lacking(block.fields, sdk.fields(given.kind)):
                place = f"{name}[0].{path}" if many else f"{name}.{path}"
                yield place, {name: [inner] if many else inner}
