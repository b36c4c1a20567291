"""Kubeconfigs, and the reconciler that writes the machine's: a context for each active cluster."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from localcloud.aws.eks.snapshots import Cluster

Entries = Mapping[str, Mapping[str, Any]]


def kubeconfig(clusters: Entries, users: Entries) -> dict[str, Any]:
    """A kubeconfig of clusters and users of the same names; the first is the current context."""

    def entries(kind: str, of: Entries) -> list[dict[str, Any]]:
        return [{"name": name, kind: value} for name, value in of.items()]

    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": entries("cluster", clusters),
        "users": entries("user", users),
        "contexts": entries("context", {n: {"cluster": n, "user": n} for n in clusters}),
        "current-context": next(iter(clusters), ""),
    }


def cluster_entry(server: str, ca: str) -> dict[str, str]:
    """A cluster of a kubeconfig; `ca` is base64 of PEM."""
    return {"server": server, "certificate-authority-data": ca}


def token_command(cluster: Cluster) -> dict[str, Any]:
    """The user that `aws eks update-kubeconfig` writes: the AWS CLI as credential plugin."""
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "aws",
            "args": [
                *("--region", cluster.region, "eks"),
                *("get-token", "--cluster-name", cluster.name),
            ],
            "interactiveMode": "Never",
        }
    }


class KubeconfigReconciler:
    """Writes the kubeconfig that commands on the machine use."""

    name = "kubeconfig"
    topics = frozenset({"eks"})

    def __init__(self, clusters: Callable[[], Iterable[Cluster]], path: Path) -> None:
        self._clusters, self._path = clusters, path
        self._written = ""

    def reconcile(self) -> None:
        active = [cluster for cluster in self._clusters() if cluster.status == "ACTIVE"]
        document = kubeconfig(
            {c.name: cluster_entry(c.endpoint, c.certificate_authority) for c in active},
            {c.name: token_command(c) for c in active},
        )
        text = json.dumps(document, indent=2)
        if text != self._written:
            temporary = self._path.with_suffix(".new")
            temporary.touch(mode=0o600)
            temporary.write_text(text)
            temporary.rename(self._path)
            self._written = text
