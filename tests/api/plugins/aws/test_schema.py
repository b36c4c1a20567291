"""The schema describes the whole table, as the SDK does."""

import json
from typing import Any

import pytest

from localcloud.plugins.aws import types
from localcloud.plugins.versions import sdk_version
from tests.api.plugins.aws.engine import Engine
from tests.unit.localcloud.plugins.aws import comparison, sdk
from tests.unit.localcloud.plugins.aws.differences import listed


def served(engine: Engine) -> Any:
    return json.loads(engine.call("GetSchema").schema)


def test_the_schema_has_every_type_of_the_table(engine: Engine) -> None:
    whole = served(engine)
    assert (whole["name"], whole["version"]) == ("aws", sdk_version("aws"))
    assert set(whole["resources"]) == set(types.table())


@pytest.mark.parametrize("token", types.table())
def test_a_type_in_the_schema_is_as_in_the_sdk(engine: Engine, token: str) -> None:
    """But for the differences that are listed, as for the table (test_against_sdk.py)."""
    spec = served(engine)["resources"][token]
    inputs, outputs = sdk.inputs(token), sdk.outputs(token)
    required = {name for name, prop in inputs.items() if prop.required}
    assert set(spec["inputProperties"]) <= set(inputs)
    assert set(spec["requiredInputs"]) ^ required == of(token, comparison.REQUIRED)
    assert set(spec["properties"]) <= set(outputs) | set(inputs)
    lacking = set(outputs) - set(inputs) - set(spec["properties"])
    assert lacking == of(token, comparison.ABSENT)


def of(token: str, what: str) -> set[str]:
    return {path for path, each in listed(token) if each == what and "." not in path}


def test_objects_and_maps_have_types_of_their_own(engine: Engine) -> None:
    whole = served(engine)
    inputs = whole["resources"]["aws:ec2/launchTemplate:LaunchTemplate"]["inputProperties"]
    assert inputs["tags"] == {"type": "object", "additionalProperties": {"type": "string"}}
    items = inputs["blockDeviceMappings"]["items"]["$ref"].removeprefix("#/types/")
    nested = whole["types"][items]["properties"]["ebs"]["$ref"].removeprefix("#/types/")
    assert whole["types"][nested]["properties"]["volumeSize"] == {"type": "integer"}
