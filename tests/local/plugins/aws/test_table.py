"""The table fits the SDK that programs use and the AWS API that it calls: it cannot drift."""

import re
import warnings
from collections.abc import Iterator
from typing import Any

import botocore.session
import pulumi_aws
import pytest
from botocore import xform_name
from pulumi import _types

from localcloud.plugins.aws import functions, types
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.table import Call, ResourceType

TYPES = types.table()


@pytest.fixture(params=TYPES)
def kind(request: pytest.FixtureRequest) -> ResourceType:
    return TYPES[request.param]


def sdk(module: str, name: str) -> Any:
    """A name in a module of the SDK."""
    with warnings.catch_warnings():
        # Its modules load at the first access and warn of deprecated classes that nobody asked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        return getattr(getattr(pulumi_aws, module), name)


def sdk_class(token: str, suffix: str = "") -> Any:
    """The SDK's class of a token such as `aws:ec2/vpc:Vpc`."""
    module, name = re.fullmatch(r"aws:(\w+)/\w+:(\w+)", token).groups()  # type: ignore[union-attr]
    return sdk(module, name + suffix)


def test_its_inputs_and_outputs_are_the_sdks(kind: ResourceType) -> None:
    inputs = _types.input_type_py_to_pulumi_names(sdk_class(kind.token, "Args")).values()
    outputs = _types.resource_types(sdk_class(kind.token))
    assert set(kind.inputs) <= set(inputs)
    assert set(kind.outputs) <= set(outputs)


def nested(properties: Any) -> Iterator[tuple[str, Block]]:
    for name, prop in properties.items():
        inner = getattr(prop.kind, "of", prop.kind)
        if isinstance(inner, Block):
            yield name, inner
            yield from nested(inner.fields)


def test_the_fields_of_its_objects_are_the_sdks(kind: ResourceType) -> None:
    inputs = sdk(kind.token.split("/")[0][4:], "_inputs")
    known = {
        field
        for name, each in vars(inputs).items()
        if name.endswith("Args") and name.startswith(sdk_class(kind.token).__name__)
        for field in _types.input_type_py_to_pulumi_names(each).values()
    }
    for name, block in nested(kind.properties):
        assert set(block.fields) <= known, name


def test_it_requires_what_the_sdk_requires(kind: ResourceType) -> None:
    arguments = sdk_class(kind.token, "Args").__init__.__kwdefaults__ or {}
    names = _types.input_type_py_to_pulumi_names(sdk_class(kind.token, "Args"))
    required = {given for name, given in names.items() if name not in arguments}
    assert {name for name, prop in kind.inputs.items() if prop.required} >= required


def test_its_calls_are_operations_of_the_api(kind: ResourceType) -> None:
    session = botocore.session.get_session()
    for call in calls(kind):
        model = session.get_service_model(call.service or kind.service)
        assert call.operation in {xform_name(name) for name in model.operation_names}


def calls(kind: ResourceType) -> Iterator[Call]:
    steps = [kind.create, kind.read, kind.delete, *kind.finish, *kind.also.values()]
    steps += [step for update in kind.updates for step in update.steps]
    return (step for step in steps if isinstance(step, Call))


def test_every_input_either_changes_in_place_or_replaces(kind: ResourceType) -> None:
    """What the program may change is not forgotten: an update, a replacement or the state only."""
    updated = {name for update in kind.changes for name in update.properties}
    for name, prop in kind.inputs.items():
        assert name in updated or replaces(prop) or prop.read is None, name
        assert not (name in updated and prop.replace), name


def replaces(prop: Prop) -> bool:
    if isinstance(prop.kind, Block):
        return prop.replace or all(replaces(each) for each in prop.kind.fields.values())
    return prop.replace


@pytest.mark.parametrize("token", functions.table())
def test_a_functions_inputs_are_the_sdks(token: str) -> None:
    module, name = re.fullmatch(r"aws:(\w+)/(\w+):\w+", token).groups()  # type: ignore[union-attr]
    name = xform_name(name)
    function = getattr(pulumi_aws, name) if module == "index" else sdk(module, name)
    known = {re.sub(r"_(\w)", lambda m: m[1].upper(), each) for each in function.__annotations__}
    assert set(functions.table()[token].inputs) <= known
