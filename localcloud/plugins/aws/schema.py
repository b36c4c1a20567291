"""The package's schema, from the table, for the code that `pulumi import` generates.

The format: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
"""

import json
from collections.abc import Mapping
from typing import Any

from localcloud.plugins.aws import types
from localcloud.plugins.aws.kinds import Array, Kind, StringMap
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.resource_type import ResourceType, upper_camel

Spec = dict[str, Any]
_SCALARS = {str: "string", int: "integer", bool: "boolean"}
_ANY = {"$ref": "pulumi.json#/Any"}  # for outputs: `pulumi import` writes inputs only
_MODULES = "(.*)(?:/[^/]*)"  # the module of the token aws:route53/zone:Zone is route53


def schema(version: str) -> str:
    """The whole schema as JSON."""
    objects: Spec = {}
    resources = {token: _resource(each, objects) for token, each in types.table().items()}
    whole = {
        "name": "aws",
        "version": version,
        "meta": {"moduleFormat": _MODULES},
        "types": objects,
        "resources": resources,
    }
    return json.dumps(whole)


def _resource(resource_type: ResourceType, objects: Spec) -> Spec:
    module, name = resource_type.token.removeprefix("aws:").split("/")
    prefix = f"aws:{module}/{name.split(':')[1]}"
    inputs = _properties(resource_type.inputs, prefix, objects)
    outputs = [*resource_type.outputs, *(["tagsAll"] if resource_type.tagging else [])]
    return {
        "inputProperties": inputs,
        "requiredInputs": _required(resource_type.inputs),
        "properties": {**dict.fromkeys(outputs, _ANY), **inputs},
    }


def _properties(properties: Mapping[str, Prop], prefix: str, objects: Spec) -> Spec:
    return {n: _type(prop.kind, prefix + upper_camel(n), objects) for n, prop in properties.items()}


def _required(properties: Mapping[str, Prop]) -> list[str]:
    return [name for name, prop in properties.items() if prop.required]


def _type(kind: Kind, name: str, objects: Spec) -> Spec:
    """The type of a value; an object's becomes an entry of `objects`."""
    if isinstance(kind, Array):
        return {"type": "array", "items": _type(kind.of, name, objects)}
    if isinstance(kind, StringMap):
        return {"type": "object", "additionalProperties": {"type": "string"}}
    if not isinstance(kind, Block):
        return {"type": _SCALARS[kind.type]}
    token = f"{name}:{name.split('/')[1]}"
    fields = _properties(kind.fields, name, objects)
    objects[token] = {
        "type": "object",
        "properties": {**fields, **dict.fromkeys(kind.outputs, _ANY)},
        "required": _required(kind.fields),
    }
    return {"$ref": f"#/types/{token}"}
