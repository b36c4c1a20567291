"""What EKS puts into every cluster before its user gets it."""

import base64

from localcloud.kubernetes.credentials import KUBELET_CLIENT
from localcloud.kubernetes.manifests import RBAC, Manifest, cluster_role, manifest

ADMIN_VIEW_ROLE = "eks:admin-view"
SKIP_LABEL = "eks.amazonaws.com/skip-pod-identity-webhook"


def kubelet_access() -> Manifest:
    """The API server's right to logs, exec and port-forward: kubelets ask RBAC for it."""
    return manifest(
        f"{RBAC}/v1", "ClusterRoleBinding", "eks:kubelet-api",
        roleRef=cluster_role("system:kubelet-api-admin"),
        subjects=[{"kind": "User", "apiGroup": RBAC, "name": KUBELET_CLIENT}],
    )  # fmt: skip


def admin_view_role() -> Manifest:
    """What AmazonEKSAdminViewPolicy grants: to see everything, secrets too."""
    rule = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}
    return manifest(f"{RBAC}/v1", "ClusterRole", ADMIN_VIEW_ROLE, rules=[rule])


def pod_identity_webhook(url: str, ca_pem: str) -> Manifest:
    """Gives pods the environment and token of IRSA and Pod Identity when they are made."""
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"],
        "scope": "Namespaced",
    }
    webhook = {
        "name": "iam-for-pods.amazonaws.com",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": url, "caBundle": base64.b64encode(ca_pem.encode()).decode()},
        "failurePolicy": "Ignore",
        "objectSelector": {"matchExpressions": [{"key": SKIP_LABEL, "operator": "DoesNotExist"}]},
        "reinvocationPolicy": "IfNeeded",
        "rules": [rule],
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }
    return manifest(
        "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "pod-identity-webhook",
        webhooks=[webhook],
    )  # fmt: skip


def bootstrap_objects(pod_webhook_url: str, cloud_ca_pem: str) -> list[Manifest]:
    """Everything, in the order in which to apply it."""
    webhook = pod_identity_webhook(pod_webhook_url, cloud_ca_pem)
    return [kubelet_access(), admin_view_role(), webhook]
