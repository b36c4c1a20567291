"""Property values as plain Python, with the types Unknown and Secret beside those of JSON.

A value is None, bool, int, float, str, list, dict (string keys), `UNKNOWN` or a `Secret` around any
of these. Whole numbers are int (a protobuf Struct has only doubles). Assets, archives and
resource references are refused: no resource of these plugins takes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

# The signatures and the unknown markers of the Pulumi wire format.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFUSED = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "a resource reference",
}
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS = {
    _UNKNOWN,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}


class Unknown:
    """A value that is not known yet in a preview. `UNKNOWN` is the only instance."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("a value that is not known yet has no truth: test `is UNKNOWN` first")


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the state encrypts and the display hides."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(...)"


def from_struct(struct: Struct) -> dict[str, Any]:
    """A protobuf Struct as a dict of values. Raises ValueError for an asset and its like."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def to_struct(properties: Mapping[str, Any]) -> Struct:
    """The reverse of `from_struct`; top-level properties that are None are left out."""
    return _struct({key: value for key, value in properties.items() if value is not None})


def _struct(fields: Mapping[str, Any]) -> Struct:
    return Struct(fields={key: _to_value(value) for key, value in fields.items()})


def _from_value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _from_fields(value.struct_value)
    return None


def _from_fields(struct: Struct) -> Any:
    if _SIGNATURE not in struct.fields:
        return from_struct(struct)
    signature = struct.fields[_SIGNATURE].string_value
    if signature == _SECRET:
        return Secret(_from_value(struct.fields["value"]))
    if signature == _OUTPUT:
        known = "value" in struct.fields
        inner = _from_value(struct.fields["value"]) if known else UNKNOWN
        return Secret(inner) if struct.fields["secret"].bool_value else inner
    raise ValueError(f"{_REFUSED.get(signature, 'a value of an unknown kind')} cannot be used here")


def _to_value(value: Any) -> Value:
    if value is None:
        return Value(null_value=NULL_VALUE)
    if value is UNKNOWN:
        return Value(string_value=_UNKNOWN)
    if isinstance(value, Secret):
        fields = {_SIGNATURE: Value(string_value=_SECRET), "value": _to_value(value.value)}
        return Value(struct_value=Struct(fields=fields))
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, list | tuple):
        return Value(list_value=ListValue(values=[_to_value(item) for item in value]))
    if isinstance(value, Mapping):
        return Value(struct_value=_struct(value))
    raise TypeError(f"{type(value).__name__} is not a property value")


def plain(value: Any) -> Any:
    """The same value with every Secret unwrapped; unknowns stay."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def has_secret(value: Any) -> bool:
    """Whether something in `value` is a Secret."""
    if isinstance(value, Mapping):
        return any(map(has_secret, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_secret, value))
    return isinstance(value, Secret)


def keep_secrets(outputs: Any, inputs: Any) -> Any:
    """`outputs` (plain) with a Secret at every path where `inputs` has one."""
    if isinstance(inputs, Secret):
        return outputs if isinstance(outputs, Secret) else Secret(outputs)
    if isinstance(inputs, Mapping) and isinstance(outputs, Mapping):
        return {key: keep_secrets(item, inputs.get(key)) for key, item in outputs.items()}
    if isinstance(inputs, list) and isinstance(outputs, list):
        if len(inputs) == len(outputs):
            return [keep_secrets(out, given) for out, given in zip(outputs, inputs, strict=True)]
        # The items do not correspond: one secret makes all of them secret.
        return Secret(outputs) if has_secret(inputs) else outputs
    return outputs
