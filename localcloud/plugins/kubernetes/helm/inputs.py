"""The inputs of a Release: which there are, what helm flag each is, what is wrong in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.plugins.kubernetes.objects import Obj
from localcloud.plugins.values import UNKNOWN, Secret, plain

TIMEOUT = 300  # seconds helm waits for each operation, if not said otherwise

_SWITCHES = {
    "atomic": "--atomic",
    "cleanupOnFail": "--cleanup-on-fail",
    "createNamespace": "--create-namespace",
    "dependencyUpdate": "--dependency-update",
    "devel": "--devel",
    "disableOpenapiValidation": "--disable-openapi-validation",
    "disableWebhooks": "--no-hooks",
    "forceUpdate": "--force",
    "renderSubchartNotes": "--render-subchart-notes",
    "skipCrds": "--skip-crds",
    "takeOwnership": "--take-ownership",
    "verify": "--verify",
}
_TEXTS = {
    "description": "--description",
    "keyring": "--keyring",
    "maxHistory": "--history-max",
    "postrender": "--post-renderer",
}
_REPOSITORY = {
    "repo": "--repo",
    "caFile": "--ca-file",
    "certFile": "--cert-file",
    "keyFile": "--key-file",
}
_OTHERS = {
    "chart",
    "name",
    "namespace",
    "repositoryOpts",
    "resetValues",
    "reuseValues",
    "skipAwait",
    "timeout",
    "valueYamlFiles",
    "values",
    "version",
    "waitForJobs",
}
_NOT_IMPLEMENTED = {
    "allowNullValues",
    "disableCRDHooks",
    "lint",
    "manifest",
    "recreatePods",
    "replace",
    "resourceNames",
}
# What every SDK sends along and means nothing by.
_MARKERS = {"compat"}


def check(inputs: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the inputs, by property."""
    values, failures = plain(inputs), {}
    known = {*_SWITCHES, *_TEXTS, *_OTHERS, *_NOT_IMPLEMENTED, *_MARKERS}
    for key, value in values.items():
        if key not in known:
            failures[key] = f"{key} is not an input of a Release"
        elif key in _NOT_IMPLEMENTED and value not in (None, False, "", [], {}):
            failures[key] = f"{key} is not implemented by this plugin"
        elif key in _SWITCHES and value not in (None, UNKNOWN, True, False):
            failures[key] = f"{value!r} is neither true nor false"
    if values.get("chart") in (None, ""):
        failures["chart"] = "is required"
    repository = values.get("repositoryOpts")
    for key in repository if isinstance(repository, Mapping) else ():
        if key not in _REPOSITORY:
            failures[f"repositoryOpts.{key}"] = f"{key} is not implemented by this plugin"
    return failures


def completed(inputs: Mapping[str, Any], name: str, namespace: str) -> Obj:
    """The inputs with name, namespace and timeout, and without what means nothing."""
    kept = {
        key: value
        for key, value in inputs.items()
        if key not in _MARKERS | _NOT_IMPLEMENTED and value is not None
    }
    if kept.get("name") in (None, ""):
        kept["name"] = name
    if kept.get("namespace") in (None, ""):
        kept["namespace"] = namespace
    if kept.get("skipAwait") is not True and "timeout" not in kept:
        kept["timeout"] = TIMEOUT
    return kept


def merged(low: Any, high: Any) -> Any:
    """Two values as helm merges them: objects key by key, else the higher one wins."""
    inner = high.value if isinstance(high, Secret) else high
    if isinstance(low, Mapping) and isinstance(inner, Mapping):
        both = {
            **low,
            **{key: merged(low[key], inner[key]) if key in low else inner[key] for key in inner},
        }
        return Secret(both) if isinstance(high, Secret) else both
    return high


def flags(inputs: Obj) -> Iterator[str]:
    """The flags of `helm upgrade --install` for (plain, checked) inputs, without the chart's."""
    for key, flag in _SWITCHES.items():
        if inputs.get(key):
            yield flag
    for key, flag in _TEXTS.items():
        if inputs.get(key) not in (None, ""):
            yield f"{flag}={inputs[key]}"
    # Without a word helm takes the last revision's values where none are given: removing the last
    # value from a program would change nothing.
    reuses = inputs.get("reuseValues") and not inputs.get("resetValues")
    yield "--reuse-values" if reuses else "--reset-values"
    if not inputs.get("skipAwait"):
        yield "--wait"
        if inputs.get("waitForJobs"):
            yield "--wait-for-jobs"
    yield f"--timeout={seconds(inputs)}s"


def repository_flags(inputs: Obj) -> Iterator[str]:
    """The flags that say where a chart is downloaded from."""
    for key, flag in _REPOSITORY.items():
        value = (inputs.get("repositoryOpts") or {}).get(key)
        if value:
            yield f"{flag}={value}"


def seconds(inputs: Obj) -> int:
    """How long helm may wait."""
    return int(inputs.get("timeout") or TIMEOUT)
