"""EKS access policies as RBAC bindings, whose subjects are groups.

The token webhook makes a user a member of `eks:policy:<policy>` for each policy of cluster scope,
and of `eks:policy:<policy>:<namespace>` for each namespace (or pattern) of one of namespace scope.
"""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from localcloud.aws.eks.snapshots import AccessEntry, Cluster
from localcloud.kubernetes.api import Api
from localcloud.kubernetes.bootstrap import ADMIN_VIEW_ROLE
from localcloud.kubernetes.informer import Informer
from localcloud.kubernetes.manifests import (
    RBAC,
    Manifest,
    cluster_role,
    group_subject,
    manifest,
    path,
)

ROLES = {
    "AmazonEKSClusterAdminPolicy": "cluster-admin",
    "AmazonEKSAdminPolicy": "admin",
    "AmazonEKSEditPolicy": "edit",
    "AmazonEKSViewPolicy": "view",
    "AmazonEKSAdminViewPolicy": ADMIN_VIEW_ROLE,
}


def cluster_bindings() -> list[Manifest]:
    """One ClusterRoleBinding per policy; its group may have no members."""
    return [
        manifest(
            f"{RBAC}/v1", "ClusterRoleBinding", f"eks:policy:{policy}",
            roleRef=cluster_role(role), subjects=[group_subject(f"eks:policy:{policy}")],
        )
        for policy, role in ROLES.items()
    ]  # fmt: skip


def namespace_bindings(
    grants: Iterable[tuple[str, str]], namespaces: Iterable[str]
) -> list[Manifest]:
    """The RoleBindings in existing namespaces for `grants`: pairs of policy and pattern."""
    existing = sorted(namespaces)
    return [
        _binding(policy, pattern, namespace)
        for policy, pattern in sorted(set(grants))
        for namespace in existing
        if fnmatchcase(namespace, pattern)
    ]


def _binding(policy: str, pattern: str, namespace: str) -> Manifest:
    group = f"eks:policy:{policy}:{pattern}"
    return manifest(
        f"{RBAC}/v1", "RoleBinding", group.replace("*", "_"), namespace,
        roleRef=cluster_role(ROLES[policy]), subjects=[group_subject(group)],
    )  # fmt: skip


class AccessPolicies:
    """Creates and deletes the bindings of one cluster as access entries and namespaces change."""

    def __init__(self, api: Api, wake: Callable[[], None]) -> None:
        self._api = api
        self._applied: dict[str, Manifest] = {}
        self._namespaces = Informer(api, "/api/v1/namespaces", wake).start()

    def reconcile(self, cluster: Cluster) -> None:
        """Apply and delete the bindings of namespaces, as the access entries say now."""
        grants = grants_of(cluster.access_entries)
        namespaces = [name for name, item in self._namespaces.items() if not _terminating(item)]
        wanted = {path(item): item for item in namespace_bindings(grants, namespaces)}
        for new in wanted.keys() - self._applied.keys():
            self._api.apply(wanted[new])
        for old in self._applied.keys() - wanted.keys():
            self._api.delete(self._applied[old])
        self._applied = wanted

    def close(self) -> None:
        """Stop the watch."""
        self._namespaces.close()


def grants_of(entries: Iterable[AccessEntry]) -> set[tuple[str, str]]:
    """The pairs of policy and namespace (or pattern) in access entries."""
    return {
        (policy.name, namespace)
        for entry in entries
        for policy in entry.policies
        for namespace in policy.namespaces
    }


def _terminating(namespace: Manifest) -> bool:
    return "deletionTimestamp" in namespace["metadata"]
