"""The table fits the AWS API that it calls (and the SDK: see test_against_sdk.py)."""

from collections.abc import Iterator

import botocore.session
import pytest
from botocore import xform_name

from localcloud.plugins.aws import types
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.resource_type import ApiCall, ResourceType

TYPES = types.table()


@pytest.fixture(params=TYPES)
def kind(request: pytest.FixtureRequest) -> ResourceType:
    return TYPES[request.param]


def test_its_calls_are_operations_of_the_api(kind: ResourceType) -> None:
    model = botocore.session.get_session().get_service_model(kind.service)
    for call in calls(kind):
        assert call.operation in {xform_name(name) for name in model.operation_names}


def calls(kind: ResourceType) -> Iterator[ApiCall]:
    steps = [kind.create, kind.read, kind.delete, *kind.after_create, *kind.extra_reads.values()]
    steps += [step for update in kind.updates for step in update.steps]
    return (step for step in steps if isinstance(step, ApiCall))


def test_every_input_changes_in_place_or_replaces_or_only_in_the_state(
    kind: ResourceType,
) -> None:
    """Every change leads to an update, to a replacement, or to the state only."""
    updated = {name for update in kind.all_updates for name in update.properties}
    for name, prop in kind.inputs.items():
        assert name in updated or replaces(prop) or prop.read is None, name
        assert not (name in updated and prop.replace), name


def replaces(prop: Prop) -> bool:
    if isinstance(prop.kind, Block):
        return prop.replace or all(replaces(each) for each in prop.kind.fields.values())
    return prop.replace
