"""Installs and removes the add-ons of one cluster as their records say."""

import json
from collections.abc import Callable, Mapping

from localcloud.aws.eks.addon_configuration import (
    BOOTSTRAP,
    COREDNS,
    KUBE_PROXY,
    POD_IDENTITY,
    VPC_CNI,
)
from localcloud.aws.eks.snapshots import Addon, Cluster
from localcloud.kubernetes import manifests
from localcloud.kubernetes.addons import coredns, pod_identity
from localcloud.kubernetes.api import CONFLICT, Api, ApiError
from localcloud.kubernetes.informer import Informer
from localcloud.kubernetes.manifests import Manifest, collection_path
from localcloud.kubernetes.node.plan import Features
from localcloud.kubernetes.nodegroups import Nodegroups
from localcloud.kubernetes.surroundings import Surroundings

NAMESPACE = "kube-system"
FAILED = ("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED")
SETTLED = ("ACTIVE", *FAILED)


def wanted_addons(cluster: Cluster, unmanaged: set[str]) -> Mapping[str, Mapping[str, object]]:
    """The name and configuration of every add-on that should be installed."""
    managed = {
        a.name: json.loads(a.configuration or "{}")
        for a in cluster.addons
        if a.status != "DELETING"
    }
    return {name: {} for name in sorted(unmanaged)} | managed


def _service_proxy(cluster: Cluster) -> str:
    """The Kubernetes version of kube-proxy: that of its add-on, else the cluster's."""
    for addon in cluster.addons:
        if addon.name == KUBE_PROXY:  # v1.35.4-eksbuild.1
            return ".".join(addon.version.removeprefix("v").split(".")[:2])
    return cluster.version


def objects_of(cluster: Cluster, name: str, configuration: Mapping[str, object]) -> list[Manifest]:
    """The Kubernetes objects of an add-on; vpc-cni and kube-proxy have none: see node.machine."""
    if name == COREDNS:
        return coredns.objects(cluster.service_cidr, configuration)
    if name == POD_IDENTITY:
        return pod_identity.objects(cluster.name, cluster.region)
    return []


class Addons:
    """The add-ons with a record, and those that EKS installs into a new cluster without one."""

    def __init__(
        self, around: Surroundings, api: Api, cluster: Cluster, wake: Callable[[], None]
    ) -> None:
        self._store = around.store
        self._api = api
        self._unmanaged = set(BOOTSTRAP) if cluster.bootstrap_addons else set()
        self._applied: dict[str, list[Manifest]] = {}
        paths = [
            collection_path("apps/v1", kind, NAMESPACE) for kind in ("Deployment", "DaemonSet")
        ]
        self._deployments, self._daemon_sets = [Informer(api, path, wake).start() for path in paths]

    def features(self, cluster: Cluster) -> Features:
        """What the add-ons want on every node now."""
        # A managed add-on takes over the unmanaged one, which does not return when it is deleted.
        self._unmanaged -= {addon.name for addon in cluster.addons}
        names = wanted_addons(cluster, self._unmanaged)
        return Features(
            pod_network=VPC_CNI in names,
            service_proxy=_service_proxy(cluster) if KUBE_PROXY in names else "",
            pod_identity=POD_IDENTITY in names,
        )

    def converge(self, cluster: Cluster, nodegroups: Nodegroups) -> None:
        """Apply and delete objects as the records say, and report the add-ons that work."""
        features = self.features(cluster)
        wanted = wanted_addons(cluster, self._unmanaged)
        known = {addon.name: addon for addon in cluster.addons}
        for name, configuration in wanted.items():
            self._apply(cluster, name, configuration, known.get(name))
        for name in set(self._applied) - set(wanted):
            for item in reversed(self._applied.pop(name)):
                self._api.delete(item)
        on_nodes = nodegroups.all_have(features)
        for addon in cluster.addons:
            if addon.status == "DELETING":
                if nodegroups.all_have(features, allow_failed=True):
                    self._store.addon_gone(cluster.name, addon.name)
            elif addon.status not in SETTLED and on_nodes and self._works(addon, nodegroups):
                self._store.addon_ready(cluster.name, addon.name)

    def _apply(
        self, cluster: Cluster, name: str, configuration: Mapping[str, object], addon: Addon | None
    ) -> None:
        objects = objects_of(cluster, name, configuration)
        if self._applied.get(name) == objects or (addon and addon.status in FAILED):
            return
        for done, item in enumerate(objects):
            try:
                self._api.apply(item, force=addon is None or addon.overwrites)
            except ApiError as error:
                if error.status != CONFLICT:
                    raise
                self._applied.setdefault(name, objects[:done])
                self._store.addon_failed(cluster.name, name, f"Conflicts found: {error}")
                return
        self._applied[name] = objects

    def _works(self, addon: Addon, nodegroups: Nodegroups) -> bool:
        if addon.name == COREDNS:
            return deployment_available(self._found(self._deployments, addon.name))
        if addon.name == POD_IDENTITY:
            found = self._found(self._daemon_sets, addon.name)
            return daemon_set_available(found, nodegroups.count)
        return True

    def _found(self, informer: Informer, name: str) -> Manifest | None:
        seen = {manifests.key(item): item for item in self._applied.get(name, [])}
        keys = [key for key in seen if key in informer.objects]
        return informer.objects[keys[0]] if keys else None

    def close(self) -> None:
        """Stop the watches."""
        self._deployments.close()
        self._daemon_sets.close()


def _observed(item: Manifest) -> bool:
    """Whether its controller has read its latest spec."""
    observed: int = item.get("status", {}).get("observedGeneration", 0)
    latest: int = item["metadata"]["generation"]
    return observed >= latest


def deployment_available(item: Manifest | None) -> bool:
    """Whether all replicas are up to date and available."""
    if item is None or not _observed(item):
        return False
    wanted, status = item["spec"]["replicas"], item["status"]
    return bool(
        status.get("updatedReplicas", 0) == wanted and status.get("availableReplicas", 0) == wanted
    )


def daemon_set_available(item: Manifest | None, nodes: int) -> bool:
    """Whether it is up to date and available on this many nodes."""
    if item is None or not _observed(item):
        return False
    status = item["status"]
    counts = ("desiredNumberScheduled", "updatedNumberScheduled", "numberAvailable")
    return all(status.get(count, 0) == nodes for count in counts)
