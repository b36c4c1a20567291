"""Values cross the wire whole: unknowns stay unknown, secrets stay secret."""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from localcloud.plugins import values as wire
from localcloud.plugins.property_diff import Change, diff
from localcloud.plugins.values import UNKNOWN, Secret, from_struct, to_struct


def test_every_kind_of_value_survives_the_wire() -> None:
    scalars = {"text": "a", "count": 3, "ratio": 0.5, "on": True}
    deep = [1, {"deep": Secret(["x"])}, UNKNOWN, None]
    values = {**scalars, "list": deep, "secret": Secret(UNKNOWN)}
    assert from_struct(to_struct(values)) == values


def test_a_property_without_a_value_is_left_out() -> None:
    assert from_struct(to_struct({"a": None, "b": {"c": None}})) == {"b": {"c": None}}


def test_an_output_value_is_its_value_and_a_secret_if_it_says_so() -> None:
    struct = Struct()
    known: dict[str, Any] = {**_OUTPUT, "value": "x", "secret": True}
    struct.update({"known": known, "unknown": {**_OUTPUT, "dependencies": []}})
    assert from_struct(struct) == {"known": Secret("x"), "unknown": UNKNOWN}


_SIGNATURE = "4dabf18193072939515e22adb298388d"
_OUTPUT = {_SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}


def test_an_asset_is_refused() -> None:
    struct = Struct()
    struct.update({"file": {_SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "path": "/x"}})
    with pytest.raises(ValueError, match="an asset cannot be used here"):
        from_struct(struct)


def test_an_unknown_has_no_truth() -> None:
    with pytest.raises(TypeError, match="not known yet"):
        bool(UNKNOWN)


def test_secrets_are_found_at_any_depth() -> None:
    assert wire.has_secret([{"a": Secret(1)}])
    assert wire.plain({"a": [Secret({"b": Secret(1)})]}) == {"a": [{"b": 1}]}


@pytest.mark.parametrize(
    ("outputs", "inputs", "kept"),
    [
        ({"a": 1, "b": 2}, {"a": Secret(1)}, {"a": Secret(1), "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": Secret(1)}}, {"a": {"b": Secret(1), "c": 2}}),
        ([1, 2], [Secret(1), 2], [Secret(1), 2]),
        ([1, 2, 3], [Secret(1)], Secret([1, 2, 3])),
        ([1, 2, 3], [1], [1, 2, 3]),
    ],
)
def test_outputs_are_as_secret_as_their_inputs(outputs: Any, inputs: Any, kept: Any) -> None:
    assert wire.keep_secrets(outputs, inputs) == kept


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        ({"a": 1}, {"a": 1.0}, {}),
        ({"a": 1}, {"a": True}, {"a": Change.UPDATE}),
        ({"a": None}, {}, {}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a.b": Change.UPDATE}),
        ({"a": [1, 2]}, {"a": [1]}, {"a[1]": Change.DELETE}),
        ({"a": []}, {"a": [{"b": 1}]}, {"a[0]": Change.ADD}),
        ({"t": {}}, {"t": {"k8s.io/x": "1"}}, {'t["k8s.io/x"]': Change.ADD}),
        ({"a": Secret("x")}, {"a": "x"}, {}),
        ({"a": UNKNOWN}, {"a": UNKNOWN}, {"a": Change.UPDATE}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": Change.UPDATE}),
    ],
)
def test_a_difference_is_told_by_its_path(old: Any, new: Any, paths: dict[str, Change]) -> None:
    assert diff(old, new) == paths
