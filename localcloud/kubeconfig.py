"""The host's kubeconfig: a context for each cluster that is active."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol


class ActiveCluster(Protocol):
    """What a context needs of a cluster; `certificate_authority` is base64 of PEM text."""

    @property
    def name(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def certificate_authority(self) -> str: ...


class Clusters(Protocol):
    """Where clusters are told of."""

    def clusters(self) -> Iterable[ActiveCluster]: ...


def kubeconfig(clusters: Iterable[ActiveCluster]) -> dict[str, Any]:
    """What `aws eks update-kubeconfig` writes, for all of `clusters`; the first is current."""
    clusters = list(clusters)

    def entries(kind: str, of: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"name": name, kind: value} for name, value in of.items()]

    servers = {
        cluster.name: {
            "server": cluster.endpoint,
            "certificate-authority-data": cluster.certificate_authority,
        }
        for cluster in clusters
    }
    users = {cluster.name: {"exec": token_command(cluster)} for cluster in clusters}
    contexts = {name: {"cluster": name, "user": name} for name in servers}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": entries("cluster", servers),
        "users": entries("user", users),
        "contexts": entries("context", contexts),
        "current-context": clusters[0].name if clusters else "",
    }


def token_command(cluster: ActiveCluster) -> dict[str, Any]:
    """The credential plugin: the AWS CLI, as on AWS."""
    return {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["--region", cluster.region, "eks", "get-token", "--cluster-name", cluster.name],
        "interactiveMode": "Never",
    }


class KubeconfigReconciler:
    """Keeps the host's kubeconfig as the active clusters are."""

    name = "kubeconfig"
    topics = frozenset({"eks"})

    def __init__(self, store: Clusters, path: Path) -> None:
        self._store, self._path = store, path
        self._written = ""

    def reconcile(self) -> None:
        active = [cluster for cluster in self._store.clusters() if cluster.status == "ACTIVE"]
        text = json.dumps(kubeconfig(active), indent=2)
        if text != self._written:
            temporary = self._path.with_suffix(".new")
            temporary.touch(mode=0o600)
            temporary.write_text(text)
            temporary.rename(self._path)
            self._written = text
