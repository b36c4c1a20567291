"""Check: the inputs as they will be sent, with a name, and what is wrong in them."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.plugins.kubernetes import waiting
from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.manifest import hide
from localcloud.plugins.kubernetes.objects import Obj, annotation, pluck
from localcloud.plugins.values import UNKNOWN, Secret, plain

AUTONAMED = "pulumi.com/autonamed"
SUFFIX = 8  # hexadecimal digits of an automatic name


@dataclass(frozen=True, kw_only=True)
class Naming:
    """What the engine says of automatic names: a seed, and a name or a ban of its configuration."""

    seed: bytes = b""
    proposed: str = ""
    forbidden: bool = False


def check(
    kind: Kind, name: str, olds: Mapping[str, Any], news: Mapping[str, Any], naming: Naming
) -> tuple[Obj, dict[str, str]]:
    """The checked inputs and the failures by property. `name` is the resource's in the program.

    The namespace is left to the caller, who knows what the cluster serves.
    """
    failures = _failures(kind, news)
    inputs: Obj = {**news, "apiVersion": kind.api_version, "kind": kind.name}
    if failures:
        return inputs, failures
    if not _named(inputs):
        old = plain(olds)
        if annotation(old, AUTONAMED) == "true":
            inputs = _with_name(inputs, str(pluck(old, "metadata", "name")))
        elif naming.forbidden:
            failures["metadata.name"] = "is required: the project turned automatic names off"
        else:
            inputs = _with_name(inputs, naming.proposed or f"{name}-{_suffix(naming.seed)}")
    return hide(inputs), failures


def fixed_name(inputs: Mapping[str, Any]) -> bool:
    """Whether the program names the object itself: then two of it cannot be at once."""
    return annotation(plain(inputs), AUTONAMED) != "true"


def with_namespace(inputs: Obj, namespace: str | None) -> Obj:
    """The inputs in a namespace (unless they name one), or with None in none."""
    metadata = inputs.get("metadata", {})
    if metadata is UNKNOWN or isinstance(metadata, Secret):
        return inputs
    metadata = metadata or {}
    if namespace is None:
        kept = {key: value for key, value in metadata.items() if key != "namespace"}
        return {**inputs, "metadata": kept}
    if metadata.get("namespace") not in (None, ""):
        return inputs
    return {**inputs, "metadata": {**metadata, "namespace": namespace}}


def _failures(kind: Kind, news: Mapping[str, Any]) -> dict[str, str]:
    values, failures = plain(news), {}
    api_version = values.get("apiVersion")
    spelt = kind.api_version if kind.group else f"core/{kind.version}"
    if api_version not in (None, UNKNOWN, kind.api_version, spelt):
        failures["apiVersion"] = f"{api_version!r} is not the type's: {kind.api_version}"
    given = values.get("kind")
    if isinstance(given, str) and given != kind.name:
        failures["kind"] = _other_kind(kind.name, given)
    elif kind.name.endswith("List") and "items" in values:
        failures["items"] = "lists are not made: make the resources in it"
    metadata = values.get("metadata")
    if metadata not in (None, UNKNOWN) and not isinstance(metadata, Mapping):
        failures["metadata"] = "must be an object"
    elif pluck(values, "metadata", "generateName"):
        failures["metadata.generateName"] = "does not go with server-side apply: leave the name out"
    problem = waiting.refusal(annotation(values, waiting.WAIT_FOR))
    if problem:
        failures[f'metadata.annotations["{waiting.WAIT_FOR}"]'] = problem
    return failures


def _other_kind(wanted: str, given: str) -> str:
    if wanted == f"{given}Patch":
        return f"patch resources ({wanted}) are not implemented by this plugin"
    return f"{given!r} is not the type's: {wanted}"


def _named(inputs: Mapping[str, Any]) -> bool:
    metadata = plain(inputs).get("metadata")
    if metadata is UNKNOWN:
        return True
    return (metadata or {}).get("name") not in (None, "")


def _with_name(inputs: Obj, name: str) -> Obj:
    metadata = inputs.get("metadata", {})
    secret = isinstance(metadata, Secret)
    inner = (metadata.value if isinstance(metadata, Secret) else metadata) or {}
    notes = inner.get("annotations", {})
    if notes is not UNKNOWN and not isinstance(notes, Secret):
        notes = {**(notes or {}), AUTONAMED: "true"}
    named = {**inner, "name": name, "annotations": notes}
    return {**inputs, "metadata": Secret(named) if secret else named}


def _suffix(seed: bytes) -> str:
    return hashlib.sha256(seed).hexdigest()[:SUFFIX] if seed else secrets.token_hex(SUFFIX // 2)
