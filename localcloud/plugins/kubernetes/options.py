"""The provider's own inputs: which there are, and what a change of them means."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.plugins.kubernetes.kubeconfig import identity
from localcloud.plugins.values import UNKNOWN, plain

HELM_SETTINGS = {
    "pluginsPath": "HELM_PLUGINS",
    "registryConfigPath": "HELM_REGISTRY_CONFIG",
    "repositoryCache": "HELM_REPOSITORY_CACHE",
    "repositoryConfigPath": "HELM_REPOSITORY_CONFIG",
}
"""helmReleaseSettings and the environment variables by which helm takes them."""

_TEXTS = {"kubeconfig", "context", "cluster", "clusterIdentifier", "namespace"}
_FLAGS = {
    "deleteUnreachable",
    "enableConfigMapMutable",
    "enablePatchForce",
    "enableSecretMutable",
    "enableServerSideApply",
    "skipUpdateUnreachable",
    "suppressDeprecationWarnings",
    "suppressHelmHookWarnings",
    "upsertExistingObjects",
}
_NOT_IMPLEMENTED = {"alwaysRender", "kubeClientSettings", "renderYamlToDirectory"}
_PULUMI = {"version", "pluginDownloadURL", "parameterization"}


@dataclass(frozen=True, kw_only=True)
class Options:
    """The provider's options. `known` is false while a kubeconfig is not known yet (preview)."""

    known: bool = True
    kubeconfig: str = field(default="", repr=False)
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    config_map_mutable: bool = False
    secret_mutable: bool = False
    patch_force: bool = False
    upsert: bool = False
    suppress_deprecations: bool = False
    suppress_hooks: bool = False
    helm: Mapping[str, str] = field(default_factory=dict)


def check(inputs: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the provider's inputs, by property."""
    values = plain(inputs)
    failures = {}
    for key, value in values.items():
        if value in (None, "", UNKNOWN) or key in _PULUMI:
            continue
        if key in _NOT_IMPLEMENTED and _decoded(value) not in (False, {}):
            failures[key] = f"{key} is not implemented by this plugin"
        elif key in _FLAGS and not isinstance(_decoded(value), bool):
            failures[key] = f"{value!r} is neither true nor false"
        elif key not in _TEXTS | _FLAGS | _NOT_IMPLEMENTED | {"helmReleaseSettings"}:
            failures[key] = f"{key} is not an option of this plugin"
    if _decoded(values.get("enableServerSideApply")) is False:
        failures["enableServerSideApply"] = "client-side apply is not implemented by this plugin"
    failures |= _check_helm(values.get("helmReleaseSettings"))
    if os.environ.get("PULUMI_K8S_AWAIT_ALL") == "true":
        failures[""] = "PULUMI_K8S_AWAIT_ALL is not implemented by this plugin"
    return failures


def parse(inputs: Mapping[str, Any]) -> Options:
    """Options from checked inputs."""
    values = {key: value for key, value in plain(inputs).items() if value is not None}
    deciding = ("kubeconfig", "context", "cluster")
    if any(values.get(key) is UNKNOWN for key in deciding):
        return Options(known=False)

    def text(key: str) -> str:
        value = values.get(key, "")
        return "" if value is UNKNOWN else value if isinstance(value, str) else json.dumps(value)

    def flag(key: str) -> bool:
        return _decoded(values.get(key)) is True

    return Options(
        kubeconfig=text("kubeconfig"),
        context=text("context"),
        cluster=text("cluster"),
        namespace=text("namespace"),
        delete_unreachable=flag("deleteUnreachable"),
        skip_update_unreachable=flag("skipUpdateUnreachable"),
        config_map_mutable=flag("enableConfigMapMutable"),
        secret_mutable=flag("enableSecretMutable"),
        patch_force=flag("enablePatchForce"),
        upsert=flag("upsertExistingObjects"),
        suppress_deprecations=flag("suppressDeprecationWarnings"),
        suppress_hooks=flag("suppressHelmHookWarnings"),
        helm=_helm(values.get("helmReleaseSettings")),
    )


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The options that changed, and those of them that mean another cluster (replacing it all).

    With a clusterIdentifier on both sides nothing but its change replaces; it may be added or
    removed without replacing. Without one, another cluster entry in the kubeconfig does.
    """
    old, new = plain(old), plain(new)
    changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    before, after = old.get("clusterIdentifier"), new.get("clusterIdentifier")
    if before not in (None, "") and after not in (None, ""):
        return changed, [] if before == after else ["clusterIdentifier"]
    deciding: list[str] = [key for key in ("cluster", "context", "kubeconfig") if key in changed]
    if any(new.get(key) is UNKNOWN for key in deciding):
        return changed, [key for key in deciding if new.get(key) is UNKNOWN]
    return changed, deciding if _other_cluster(old, new) else []


def _other_cluster(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    def entry(values: Mapping[str, Any]) -> Any:
        kubeconfig = values.get("kubeconfig") or ""
        given = kubeconfig if isinstance(kubeconfig, str) else json.dumps(kubeconfig)
        return identity(given, values.get("context") or "", values.get("cluster") or "")

    before, after = entry(old), entry(new)
    return before is not None and after is not None and before != after


def _decoded(value: Any) -> Any:
    # The SDK writes every option that is not text as JSON in a string.
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _check_helm(value: Any) -> dict[str, str]:
    settings = _decoded(value)
    if not isinstance(settings, dict):
        return {}
    failures = {
        f"helmReleaseSettings.{key}": f"{key} is not implemented by this plugin"
        for key in settings
        if key not in HELM_SETTINGS and key != "driver"
    }
    if settings.get("driver") not in (None, "", "secret"):
        failures["helmReleaseSettings.driver"] = "only the driver secret is implemented"
    return failures


def _helm(value: Any) -> dict[str, str]:
    settings = _decoded(value)
    if not isinstance(settings, dict):
        return {}
    return {HELM_SETTINGS[key]: str(value) for key, value in settings.items() if key != "driver"}
