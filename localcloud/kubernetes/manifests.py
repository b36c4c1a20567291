"""Kubernetes objects as Python data, and their paths in the API."""

from typing import Any

Manifest = dict[str, Any]

PLURALS = {
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "ConfigMap": "configmaps",
    "DaemonSet": "daemonsets",
    "Deployment": "deployments",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
    "Node": "nodes",
    "Pod": "pods",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "RoleBinding": "rolebindings",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
}
RBAC = "rbac.authorization.k8s.io"
MANAGER = "eks"  # the field manager that EKS uses


def manifest(
    api_version: str, kind: str, name: str, namespace: str | None = None, **content: Any
) -> Manifest:
    """An object; `content` is everything but its metadata, and may hold its `labels`."""
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if labels := content.pop("labels", None):
        metadata["labels"] = labels
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}


def collection_path(api_version: str, kind: str, namespace: str | None = None) -> str:
    """The API path of all objects of a kind."""
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    inside = f"/namespaces/{namespace}" if namespace else ""
    return f"{root}{inside}/{PLURALS[kind]}"


def path(item: Manifest) -> str:
    """The API path of an object."""
    metadata = item["metadata"]
    collection = collection_path(item["apiVersion"], item["kind"], metadata.get("namespace"))
    return f"{collection}/{metadata['name']}"


def key(item: Manifest) -> str:
    """`namespace/name`, or `name` of a cluster-scoped object."""
    metadata = item["metadata"]
    inside = metadata.get("namespace")
    return f"{inside}/{metadata['name']}" if inside else str(metadata["name"])


def group_subject(name: str) -> Manifest:
    """An RBAC subject: a group."""
    return {"kind": "Group", "apiGroup": RBAC, "name": name}


def cluster_role(name: str) -> Manifest:
    """An RBAC reference to a ClusterRole."""
    return {"kind": "ClusterRole", "apiGroup": RBAC, "name": name}
