"""Between Pulumi properties and the objects that the API server takes and gives."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.objects import Obj, pluck, without_nulls
from localcloud.plugins.kubernetes.quantities import same_quantity
from localcloud.plugins.values import UNKNOWN, Secret, keep_secrets, plain

FIELD_MANAGER = "__fieldManager"
INITIAL_API_VERSION = "__initialApiVersion"

# JSON schemas in CustomResourceDefinitions have dashed keys, which no SDK can name.
_DASHED = {
    key.replace("-", "_"): key
    for key in (
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-map-type",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    )
}
_UNDERSCORED = {value: key for key, value in _DASHED.items()}

# What the server writes into metadata and refuses or ignores from us.
_READ_ONLY = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
_MADE_ANNOTATIONS = (
    "deployment.kubernetes.io/revision",
    "kubectl.kubernetes.io/last-applied-configuration",
)


def manifest(inputs: Mapping[str, Any], kind: Kind) -> Obj:
    """The object that inputs describe, as it is sent: plain, with apiVersion and kind first."""
    body: Obj = _renamed(without_nulls(plain(inputs)), _DASHED)
    metadata = body.get("metadata")
    if isinstance(metadata, dict):
        body["metadata"] = {key: metadata[key] for key in metadata if key not in _READ_ONLY}
    return {**body, "apiVersion": kind.api_version, "kind": kind.name}


def outputs(live: Obj, inputs: Mapping[str, Any], manager: str) -> Obj:
    """The properties of a live object: secret where the inputs are, and in Secrets."""
    properties = _renamed(live, _UNDERSCORED)
    properties = keep_secrets(properties, inputs)
    properties[INITIAL_API_VERSION] = live.get("apiVersion", "")
    properties[FIELD_MANAGER] = manager
    return hide(properties)


def hide(properties: Obj) -> Obj:
    """The properties with data and stringData of a Kubernetes Secret as Pulumi secrets."""
    if properties.get("kind") != "Secret" or properties.get("apiVersion") != "v1":
        return properties
    hidden: Obj = {
        key: Secret(properties[key])
        for key in ("data", "stringData")
        if key in properties and not isinstance(properties[key], Secret)
    }
    return {**properties, **hidden}


def preview_outputs(dry: Obj, inputs: Mapping[str, Any], manager: str) -> Obj:
    """The properties that a dry-run create foretells; what it only made up is unknown."""
    dry = {key: value for key, value in dry.items() if key != "status"}
    dry["metadata"] = {**dry.get("metadata", {}), "managedFields": UNKNOWN}
    for key in ("uid", "resourceVersion", "creationTimestamp"):
        dry["metadata"][key] = UNKNOWN
    spec = dry.get("spec")
    if dry.get("kind") == "Service" and isinstance(spec, dict):
        dry["spec"] = _unallotted(spec, pluck(plain(inputs), "spec", default={}))
    return outputs(dry, inputs, manager)


def live_inputs(live: Obj, old: Mapping[str, Any]) -> Obj:
    """The inputs as they are on the server: its values in the shape and spelling of `old`.

    What the inputs never named stays out; a value that means the same (`1000m`, `1`) keeps its
    spelling, so that a refresh shows drift and nothing else.
    """
    shaped = _pruned(_renamed(live, _UNDERSCORED), plain(old))
    strings = pluck(plain(old), "stringData", default={})
    if live.get("kind") == "Secret" and strings:
        data = live.get("data") or {}
        shaped["stringData"] = {key: _text(data[key]) for key in strings if key in data}
    return hide(keep_secrets(shaped, old))


def imported_inputs(live: Obj) -> Obj:
    """The inputs of an object that Pulumi did not make: all of it but what the server writes."""
    body = {key: value for key, value in live.items() if key != "status"}
    metadata = {k: v for k, v in body.get("metadata", {}).items() if k not in _READ_ONLY}
    notes = metadata.get("annotations", {})
    kept = {key: value for key, value in notes.items() if key not in _MADE_ANNOTATIONS}
    if kept:
        metadata["annotations"] = kept
    else:
        metadata.pop("annotations", None)
    return hide(_renamed({**body, "metadata": metadata}, _UNDERSCORED))


def _unallotted(spec: Obj, given: Obj) -> Obj:
    # A dry run allots addresses and ports and gives them back.
    unknown: Obj = {
        key: UNKNOWN
        for key in ("clusterIP", "clusterIPs", "healthCheckNodePort")
        if key in spec and key not in given
    }
    asked = given.get("ports") or []
    ports = [
        {**port, "nodePort": UNKNOWN}
        if "nodePort" in port and not (i < len(asked) and asked[i].get("nodePort"))
        else port
        for i, port in enumerate(spec.get("ports", []))
    ]
    return {**spec, **unknown, **({"ports": ports} if ports else {})}


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode(errors="replace")


def _pruned(live: Any, shape: Any) -> Any:
    if isinstance(live, Mapping) and isinstance(shape, Mapping):
        return {key: _pruned(live[key], shape[key]) for key in shape if key in live}
    if isinstance(live, list) and isinstance(shape, list):
        shapes = shape + [None] * (len(live) - len(shape))
        if shape and len(live) == len(shape):
            return [_pruned(item, like) for item, like in zip(live, shapes, strict=True)]
        # Another length is drift already: what is new has no shape to be cut to.
        return [_pruned(item, like) for item, like in zip(live, shapes, strict=False)]
    return shape if same_quantity(live, shape) else live


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return value


def parts(path: str) -> tuple[str | int, ...]:
    """A Pulumi property path in its parts: `a.b[0]["c.d"]` is ("a", "b", 0, "c.d")."""
    found = re.findall(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)', path)
    return tuple(
        int(index) if index else bare or re.sub(r"\\(.)", r"\1", quoted)
        for quoted, index, bare in found
    )
