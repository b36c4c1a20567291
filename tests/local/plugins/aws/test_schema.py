"""The schema has the whole table, in the words of the SDK."""

import json

from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.aws import types
from tests.local.plugins.aws.engine import Engine


def test_every_input_of_every_type_is_in_the_schema(engine: Engine) -> None:
    served = json.loads(engine.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    assert (served["name"], served["version"]) == ("aws", "7.51.1")
    assert set(served["resources"]) == set(types.table())
    for token, kind in types.table().items():
        spec = served["resources"][token]
        assert set(spec["inputProperties"]) == set(kind.inputs)
        assert set(spec["properties"]) == {*kind.inputs, *kind.outputs}
        required = {name for name, prop in kind.inputs.items() if prop.required}
        assert set(spec["requiredInputs"]) == required


def test_objects_and_maps_have_types_of_their_own(engine: Engine) -> None:
    served = json.loads(engine.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    inputs = served["resources"]["aws:ec2/launchTemplate:LaunchTemplate"]["inputProperties"]
    assert inputs["tags"] == {"type": "object", "additionalProperties": {"type": "string"}}
    items = inputs["blockDeviceMappings"]["items"]["$ref"].removeprefix("#/types/")
    nested = served["types"][items]["properties"]["ebs"]["$ref"].removeprefix("#/types/")
    assert served["types"][nested]["properties"]["volumeSize"] == {"type": "integer"}
