"""The objects that every cluster starts with: those of EKS, and admission policies that refuse
what the local cloud does not implement."""

import base64

from localcloud.kubernetes.credentials import KUBELET_CLIENT
from localcloud.kubernetes.manifests import RBAC, Manifest, cluster_role, manifest

ADMIN_VIEW_ROLE = "eks:admin-view"
ADMISSION = "admissionregistration.k8s.io/v1"
CLOUD_CONTROLLER_USER = "eks:cloud-controller-manager"
# What the controllers use here; the manifests of cloud-provider-aws have more, by single verbs.
CLOUD_CONTROLLER_RULES = (
    ("", ["nodes", "nodes/status", "services", "services/status", "events"], ["*"]),
    ("", ["serviceaccounts"], ["create"]),
)
SKIP_LABEL = "eks.amazonaws.com/skip-pod-identity-webhook"


def kubelet_access() -> Manifest:
    """Allow the API server to use the kubelets' API, for logs, exec and port-forward."""
    return manifest(
        f"{RBAC}/v1", "ClusterRoleBinding", "eks:kubelet-api",
        roleRef=cluster_role("system:kubelet-api-admin"),
        subjects=[{"kind": "User", "apiGroup": RBAC, "name": KUBELET_CLIENT}],
    )  # fmt: skip


def admin_view_role() -> Manifest:
    """The role of AmazonEKSAdminViewPolicy: read everything, secrets included."""
    rule = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}
    return manifest(f"{RBAC}/v1", "ClusterRole", ADMIN_VIEW_ROLE, rules=[rule])


def cloud_controller_access() -> list[Manifest]:
    """The rights of the cloud controller manager."""
    rules = [
        {"apiGroups": [group], "resources": resources, "verbs": verbs}
        for group, resources, verbs in CLOUD_CONTROLLER_RULES
    ]
    name = CLOUD_CONTROLLER_USER
    subject = {"kind": "User", "apiGroup": RBAC, "name": name}
    return [
        manifest(f"{RBAC}/v1", "ClusterRole", name, rules=rules),
        manifest(
            f"{RBAC}/v1", "ClusterRoleBinding", name,
            roleRef=cluster_role(name), subjects=[subject],
        ),
    ]  # fmt: skip


def pod_identity_webhook(url: str, ca_pem: str) -> Manifest:
    """The webhook that adds the environment and token of IRSA and Pod Identity to new pods."""
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
        ADMISSION, "MutatingWebhookConfiguration", "pod-identity-webhook",
        webhooks=[webhook],
    )  # fmt: skip


def _policy(name: str, group: str, resource: str, expression: str, message: str) -> list[Manifest]:
    rule = {
        "apiGroups": [group],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": [resource],
    }
    policy = manifest(
        ADMISSION, "ValidatingAdmissionPolicy", name,
        spec={
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": expression, "message": message, "reason": "Invalid"}],
        },
    )  # fmt: skip
    binding = manifest(
        ADMISSION, "ValidatingAdmissionPolicyBinding", name,
        spec={"policyName": name, "validationActions": ["Deny"]},
    )  # fmt: skip
    return [policy, binding]


def refuse_host_ports() -> list[Manifest]:
    """Refuse hostPort: it needs the CNI plugin portmap, which needs iptables."""
    free = "!has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0)"
    return _policy(
        "localcloud-host-ports", "", "pods",
        "(has(object.spec.hostNetwork) && object.spec.hostNetwork)"
        f" || object.spec.containers.all(c, {free})",
        "hostPort is not implemented by the local cloud: use a NodePort Service",
    )  # fmt: skip


def bootstrap_objects(pod_webhook_url: str, cloud_ca_pem: str) -> list[Manifest]:
    """All of them, in the order in which to apply them."""
    webhook = pod_identity_webhook(pod_webhook_url, cloud_ca_pem)
    own = [*cloud_controller_access(), kubelet_access(), admin_view_role(), webhook]
    return [*own, *refuse_host_ports()]
