"""Between properties and objects: shapes, spellings, secrets, and what a dry run makes up."""

from typing import Any

import pytest

from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.manifest import (
    imported_inputs,
    live_inputs,
    manifest,
    outputs,
    parts,
    preview_outputs,
)
from localcloud.plugins.kubernetes.quantities import same_quantity
from localcloud.plugins.values import UNKNOWN, Secret

CRD = Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")


def test_schema_keys_are_dashed_on_the_server_and_underscored_in_programs() -> None:
    inputs = {"spec": {"schema": {"x_kubernetes_preserve_unknown_fields": True}}}
    sent = manifest(inputs, CRD)
    assert sent["spec"] == {"schema": {"x-kubernetes-preserve-unknown-fields": True}}
    assert live_inputs(sent, inputs)["spec"] == inputs["spec"]


@pytest.mark.parametrize(
    ("live", "given", "same"),
    [
        ("1", "1000m", True),
        ("1", 1, True),
        ("1Gi", "1024Mi", True),
        ("500m", 0.5, True),
        ("1", "2", False),
        ("1Gi", "1G", False),
        ("abc", "abd", False),
        (1, "1", False),  # a port is a number: nothing the server would respell
    ],
)
def test_quantities_that_mean_the_same(live: Any, given: Any, same: bool) -> None:
    assert same_quantity(live, given) is same


def test_a_refresh_keeps_shape_and_spelling() -> None:
    old = {"spec": {"cpu": "1000m", "items": [{"a": 1}], "gone": True}}
    live = {"spec": {"cpu": "1", "items": [{"a": 2, "b": 3}], "made": 4}, "status": {}}
    assert live_inputs(live, old) == {"spec": {"cpu": "1000m", "items": [{"a": 2}]}}
    longer = {"spec": {"items": [{"a": 1}, {"a": 5, "b": 6}]}}
    assert live_inputs(longer, {"spec": {"items": [{"a": 1}]}}) == {
        "spec": {"items": [{"a": 1}, {"a": 5, "b": 6}]}
    }


def test_string_data_is_read_back_from_data() -> None:
    old = {"kind": "Secret", "apiVersion": "v1", "stringData": Secret({"a": "x"})}
    live = {"kind": "Secret", "apiVersion": "v1", "data": {"a": "eQ==", "other": "eg=="}}
    assert live_inputs(live, old)["stringData"] == Secret({"a": "y"})
    assert outputs(live, old, "m")["data"] == Secret({"a": "eQ==", "other": "eg=="})


def test_secret_inputs_are_secret_outputs() -> None:
    inputs = {"spec": {"a": Secret("x"), "list": [Secret(1), 2]}}
    made = outputs({"spec": {"a": "x", "list": [1, 2, 3], "b": "y"}}, inputs, "m")
    assert made["spec"] == {"a": Secret("x"), "list": Secret([1, 2, 3]), "b": "y"}


def test_what_a_dry_run_makes_up_is_unknown() -> None:
    dry = {
        "kind": "Service",
        "metadata": {"name": "s", "uid": "u"},
        "spec": {
            "clusterIP": "10.0.0.1",
            "ports": [{"port": 1, "nodePort": 30001}, {"port": 2, "nodePort": 30002}],
        },
        "status": {"loadBalancer": {}},
    }
    inputs = {"spec": {"ports": [{"port": 1}, {"port": 2, "nodePort": 30002}]}}
    told = preview_outputs(dry, inputs, "m")
    assert told["metadata"]["uid"] is UNKNOWN
    assert told["metadata"]["name"] == "s"
    assert told["spec"]["clusterIP"] is UNKNOWN
    assert [port["nodePort"] for port in told["spec"]["ports"]] == [UNKNOWN, 30002]
    assert "status" not in told


def test_an_import_takes_all_but_what_the_server_writes() -> None:
    live = {
        "kind": "ConfigMap",
        "metadata": {
            "name": "a",
            "uid": "u",
            "managedFields": [],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
        },
        "data": {"a": "1"},
        "status": {},
    }
    assert imported_inputs(live) == {
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"a": "1"},
    }


def test_property_paths_are_taken_apart() -> None:
    assert parts('a.b[0]["c.d"].e[12]') == ("a", "b", 0, "c.d", "e", 12)
