"""Kinds: from Pulumi type tokens to group, version and kind, and what is known without asking."""

from dataclasses import dataclass

from localcloud.plugins.provider import ProviderError

HELM_RELEASE = "kubernetes:helm.sh/v3:Release"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind with its group (empty: core) and version."""

    group: str
    version: str
    name: str

    @property
    def api_version(self) -> str:
        """As objects spell it: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version}/{self.name}"

    @property
    def root(self) -> str:
        """The path of its group and version on the API server."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"


def from_token(token: str) -> Kind:
    """The kind behind `kubernetes:<group>/<version>:<Kind>`.

    Raises ProviderError for tokens of this package that are not kinds, by name.
    """
    package, _, rest = token.partition(":")
    module, _, kind = rest.partition(":")
    group, _, version = module.partition("/")
    if package != "kubernetes" or not kind:
        raise ProviderError(f"{token} is not a type of this plugin")
    if not version or group in _NOT_KINDS:
        raise ProviderError(f"{token} is not implemented by this plugin")
    return Kind("" if group == "core" else group, version, kind)


def from_api_version(api_version: str, name: str) -> Kind:
    """The kind of an object's `apiVersion` and `kind`."""
    group, _, version = api_version.rpartition("/")
    return Kind("" if group == "core" else group, version, name)


# Modules of the official package whose types are no Kubernetes kinds.
_NOT_KINDS = {"helm.sh", "yaml", "kustomize"}

# The scopes of the API server's own kinds, so that an update without changes asks it nothing.
_BUILTIN_GROUPS = {
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
}
_CLUSTER_SCOPED = {
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterTrustBundle",
    "CustomResourceDefinition",
    "FlowSchema",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
}


def builtin_scope(kind: Kind) -> bool | None:
    """Whether a kind of the API server itself is namespaced; None for any other kind."""
    if kind.group not in _BUILTIN_GROUPS:
        return None
    return kind.name not in _CLUSTER_SCOPED
