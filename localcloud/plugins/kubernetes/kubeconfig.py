"""Kubeconfigs: contents or path, JSON or YAML, to the one cluster and user that are meant."""

import base64
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.plugins.kubernetes.objects import Obj, pluck
from localcloud.plugins.provider import ProviderError

_CLUSTER_FIELDS = {
    "server",
    "certificate-authority",
    "certificate-authority-data",
    "insecure-skip-tls-verify",
    "tls-server-name",
    "disable-compression",
    "extensions",
}
_USER_FIELDS = {
    "token",
    "tokenFile",
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
    "exec",
    "extensions",
}


@dataclass(frozen=True, kw_only=True)
class ClusterConfig:
    """Where the API server is and who we are to it.

    `server` is a URL; `ca`, `certificate` and `key` are PEM or empty; `user` is the kubeconfig's
    user entry (token, tokenFile, exec); `document` the whole kubeconfig, for the tools that want
    one, with the chosen context as its current one.
    """

    server: str
    ca: bytes = field(default=b"", repr=False)
    insecure: bool = False
    tls_server_name: str = ""
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    user: Obj = field(default_factory=dict, repr=False)
    namespace: str = "default"
    document: Obj = field(default_factory=dict, repr=False)


def load(path_or_contents: str, context: str = "", cluster: str = "") -> ClusterConfig:
    """The cluster that a kubeconfig means.

    Args:
        path_or_contents: a path, JSON or YAML; empty: $KUBECONFIG or ~/.kube/config.
        context, cluster: override the kubeconfig's current context and the context's cluster.

    Raises ProviderError naming what is missing or not implemented.
    """
    document, folder = _read(path_or_contents)
    chosen = context or document.get("current-context") or ""
    entry = _named(document, "contexts", "context", chosen)
    target = _named(document, "clusters", "cluster", cluster or str(entry.get("cluster", "")))
    user = _named(document, "users", "user", entry["user"]) if entry.get("user") else {}
    _refuse(target, _CLUSTER_FIELDS, "cluster")
    _refuse(user, _USER_FIELDS, "user")
    if not target.get("server"):
        raise ProviderError("kubeconfig: the cluster has no server")
    return ClusterConfig(
        server=str(target["server"]).rstrip("/"),
        ca=_pem(target, "certificate-authority", folder),
        insecure=bool(target.get("insecure-skip-tls-verify")),
        tls_server_name=str(target.get("tls-server-name", "")),
        certificate=_pem(user, "client-certificate", folder),
        key=_pem(user, "client-key", folder),
        user=user,
        namespace=str(entry.get("namespace") or "default"),
        document=_pinned(document, chosen, cluster),
    )


def identity(path_or_contents: str, context: str = "", cluster: str = "") -> Obj | None:
    """The entry of the cluster that a kubeconfig means, or None if it means none."""
    try:
        document, _ = _read(path_or_contents)
        entry = _named(
            document, "contexts", "context", context or document.get("current-context", "")
        )
        return _named(document, "clusters", "cluster", cluster or entry.get("cluster", ""))
    except ProviderError:
        return None


def _read(path_or_contents: str) -> tuple[Obj, Path]:
    text, folder = path_or_contents, Path.cwd()
    path = _path(path_or_contents)
    if path is not None:
        try:
            text, folder = path.read_text(), path.parent
        except OSError as error:
            raise ProviderError(f"kubeconfig: cannot read {path}: {error.strerror}") from None
    document = _parse(text)
    if not isinstance(document, dict) or "clusters" not in document:
        raise ProviderError("kubeconfig: neither a path of a file nor the contents of one")
    return document, folder


def _path(value: str) -> Path | None:
    if not value:
        listed = [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
        return Path(listed[0]) if listed else Path.home() / ".kube" / "config"
    if "\n" in value or len(value) > 4096 or value.lstrip().startswith("{"):
        return None
    path = Path(value).expanduser()
    return path if path.exists() else None


def _parse(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass  # flow-style YAML starts with a brace too
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ProviderError(f"kubeconfig: not YAML: {error}") from None


def _named(document: Obj, group: str, key: str, wanted: str) -> Obj:
    for entry in document.get(group) or []:
        if entry.get("name") == wanted:
            return dict(entry.get(key) or {})
    raise ProviderError(f"kubeconfig: there is no {key} {wanted!r}")


def _refuse(entry: Obj, known: set[str], what: str) -> None:
    unknown = sorted(key for key, value in entry.items() if key not in known and value)
    if unknown:
        raise ProviderError(f"kubeconfig: {what} field {unknown[0]!r} is not implemented")


def _pem(entry: Obj, key: str, folder: Path) -> bytes:
    if entry.get(f"{key}-data"):
        return base64.b64decode(entry[f"{key}-data"])
    if entry.get(key):
        try:
            return (folder / Path(entry[key]).expanduser()).read_bytes()
        except OSError as error:
            raise ProviderError(f"kubeconfig: {key} {entry[key]}: {error.strerror}") from None
    return b""


def _pinned(document: Obj, context: str, cluster: str) -> Obj:
    pinned = {**document, "current-context": context}
    if cluster:
        pinned["contexts"] = [
            {**entry, "context": {**pluck(entry, "context", default={}), "cluster": cluster}}
            if entry.get("name") == context
            else entry
            for entry in document["contexts"]
        ]
    return pinned
