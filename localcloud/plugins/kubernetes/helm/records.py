"""Helm's own records in the cluster: one Secret a revision of a release."""

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.errors import ApiError
from localcloud.plugins.kubernetes.objects import Obj, pluck

OWNER = "pulumi.com/release"
"""Label of the records whose release a resource made: the hash of its URN."""


@dataclass(frozen=True)
class Record:
    """The newest revision of a release; `body` is helm's release object, `owner` our label."""

    secret: str
    status: str
    owner: str
    body: Obj

    @property
    def pending(self) -> bool:
        """Whether a helm is at work on it, or was ended while it was."""
        return self.status.startswith("pending-") or self.status == "uninstalling"

    def status_output(self) -> Obj:
        """The `status` output of a Release."""
        chart = pluck(self.body, "chart", "metadata", default={})
        return {
            "appVersion": chart.get("appVersion", ""),
            "chart": chart.get("name", ""),
            "name": self.body.get("name", ""),
            "namespace": self.body.get("namespace", ""),
            "revision": self.body.get("version", 0),
            "status": self.status,
            "version": chart.get("version", ""),
        }

    def resource_names(self) -> dict[str, list[str]]:
        """The names of what the release made, grouped by `Kind.group/apiVersion`."""
        import yaml

        names: dict[str, set[str]] = {}
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for item in yaml.load_all(self.body.get("manifest", ""), Loader=loader):
            if isinstance(item, Mapping) and item.get("kind"):
                names.setdefault(_group(item), set()).add(_name(item))
        return {group: sorted(found) for group, found in sorted(names.items())}


def newest(cluster: Cluster, namespace: str, name: str) -> Record | None:
    """The newest record of a release, or None if there is none."""
    path = f"/api/v1/namespaces/{namespace}/secrets"
    try:
        listed = cluster.client.get(path, {"labelSelector": f"owner=helm,name={name}"})
    except ApiError as error:
        if error.code == 404:
            return None
        raise
    items = listed.get("items") or []
    if not items:
        return None
    secret = max(items, key=lambda item: int(_label(item, "version") or 0))
    body = _release(secret["data"]["release"])
    status = _label(secret, "status") or str(pluck(body, "info", "status"))
    return Record(secret["metadata"]["name"], status, _label(secret, OWNER), body)


def drop(cluster: Cluster, namespace: str, record: Record) -> None:
    """Delete one revision's record: the release is then what the revision before says."""
    options = {"apiVersion": "v1", "kind": "DeleteOptions"}
    cluster.client.delete(f"/api/v1/namespaces/{namespace}/secrets/{record.secret}", options)


def _release(data: str) -> Obj:
    # Kubernetes encodes Secrets in base64; helm's value is base64 of gzip of JSON.
    body: Any = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(data))))
    return dict(body)


def _label(secret: Obj, key: str) -> str:
    return str(pluck(secret, "metadata", "labels", default={}).get(key, ""))


def _group(item: Mapping[str, Any]) -> str:
    api_version = str(item.get("apiVersion", ""))
    group = api_version.rpartition("/")[0]
    kind = f"{item['kind']}.{group}" if group else str(item["kind"])
    return f"{kind}/{api_version}"


def _name(item: Mapping[str, Any]) -> str:
    metadata = item.get("metadata") or {}
    inside = metadata.get("namespace")
    return f"{inside}/{metadata.get('name')}" if inside else str(metadata.get("name"))
