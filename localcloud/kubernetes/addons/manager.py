"""Installs and removes the add-ons of one cluster as their records say."""

import json
import threading
import time
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
from localcloud.kubernetes.addons.health import (
    daemon_set_available,
    deployment_available,
    issue_code,
)
from localcloud.kubernetes.api import Api, ApiError
from localcloud.kubernetes.context import ClusterContext
from localcloud.kubernetes.informer import Informer
from localcloud.kubernetes.manifests import Manifest, collection_path
from localcloud.kubernetes.node.plan import Features
from localcloud.kubernetes.nodegroups import Nodegroups

NAMESPACE = "kube-system"
GRACE = 30.0  # seconds without its replicas after which an add-on is DEGRADED
LACKS_REPLICAS = (
    "InsufficientNumberOfReplicas",
    "The add-on is unhealthy because it doesn't have the desired number of replicas.",
)
FAILED = ("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED")
FINAL = ("ACTIVE", *FAILED)  # until the next update


def wanted_addons(cluster: Cluster, unmanaged: set[str]) -> Mapping[str, Mapping[str, object]]:
    """The configuration of every add-on that should be installed, by name."""
    managed = {
        a.name: json.loads(a.configuration or "{}")
        for a in cluster.addons
        if a.status != "DELETING"
    }
    return {name: {} for name in sorted(unmanaged)} | managed


def _kube_proxy_version(cluster: Cluster) -> str:
    """The Kubernetes version of kube-proxy: that of its add-on, else the cluster's."""
    for addon in cluster.addons:
        if addon.name == KUBE_PROXY:  # v1.35.4-eksbuild.1
            return ".".join(addon.version.removeprefix("v").split(".")[:2])
    return cluster.version


def objects_of(cluster: Cluster, name: str, configuration: Mapping[str, object]) -> list[Manifest]:
    """The Kubernetes objects of an add-on; vpc-cni and kube-proxy have none: see node.processes."""
    if name == COREDNS:
        return coredns.objects(cluster.service_cidr, configuration)
    if name == POD_IDENTITY:
        return pod_identity.objects(cluster.name, cluster.region)
    return []


class Addons:
    """The add-ons with a record, and those without one that EKS installs into a new cluster."""

    def __init__(
        self, context: ClusterContext, api: Api, cluster: Cluster, wake: Callable[[], None]
    ) -> None:
        self._store = context.store
        self._api = api
        self._unmanaged = set(BOOTSTRAP) if cluster.bootstrap_addons else set()
        self._wake = wake
        self._applied: dict[str, list[Manifest]] = {}
        self._lacking_since: dict[str, float] = {}  # time.monotonic(), by add-on
        paths = [
            collection_path("apps/v1", kind, NAMESPACE) for kind in ("Deployment", "DaemonSet")
        ]
        self._deployments, self._daemon_sets = [Informer(api, path, wake).start() for path in paths]

    def features(self, cluster: Cluster) -> Features:
        """What the add-ons want on every node now."""
        names = self._wanted(cluster)
        return Features(
            pod_network=VPC_CNI in names,
            kube_proxy_version=_kube_proxy_version(cluster) if KUBE_PROXY in names else "",
            pod_identity=POD_IDENTITY in names,
        )

    def _wanted(self, cluster: Cluster) -> Mapping[str, Mapping[str, object]]:
        # A managed add-on replaces the unmanaged one for good, even if it is deleted later.
        self._unmanaged -= {addon.name for addon in cluster.addons}
        return wanted_addons(cluster, self._unmanaged)

    def reconcile(self, cluster: Cluster, nodegroups: Nodegroups) -> None:
        """Apply and delete objects as the records say, and report what became of the add-ons."""
        wanted = self._wanted(cluster)
        known = {addon.name: addon for addon in cluster.addons}
        for name, configuration in wanted.items():
            self._apply(cluster, name, configuration, known.get(name))
        for name in set(self._applied) - set(wanted):
            for item in reversed(self._applied[name]):
                self._api.delete(item)
            del self._applied[name]
        features = self.features(cluster)
        on_nodes = nodegroups.all_have(features)
        for addon in cluster.addons:
            if addon.status == "DELETING":
                self._lacking_since.pop(addon.name, None)
                if nodegroups.all_have(features, allow_failed=True):
                    self._store.addon_gone(cluster.name, addon.name)
            elif addon.status not in FINAL and on_nodes and self._works(addon, nodegroups.count):
                self._store.addon_ready(cluster.name, addon.name)
            elif addon.status in ("CREATING", "ACTIVE") and self._lacks_replicas(addon):
                self._store.addon_degraded(cluster.name, addon.name, *LACKS_REPLICAS)

    def _apply(
        self, cluster: Cluster, name: str, configuration: Mapping[str, object], addon: Addon | None
    ) -> None:
        """Apply the objects of an add-on; it fails if the API server refuses one of them."""
        objects = objects_of(cluster, name, configuration)
        before = self._applied.get(name, [])
        if before == objects or (addon and addon.status in FAILED):
            return
        for done, item in enumerate(objects):
            try:
                self._api.apply(item, force=addon is None or addon.overwrites)
            except ApiError as error:
                self._applied[name] = [*objects[:done], *before[done:]]
                code = issue_code(error)
                if addon is None or code is None:
                    raise  # the cluster's runner tries again
                self._store.addon_failed(cluster.name, name, code, str(error))
                return
        self._applied[name] = objects

    def _lacks_replicas(self, addon: Addon) -> bool:
        """Whether the add-on has not worked for GRACE seconds; `wake` is called when they pass."""
        if self._works(addon):
            self._lacking_since.pop(addon.name, None)
            return False
        if addon.name not in self._lacking_since:
            self._lacking_since[addon.name] = time.monotonic()
            timer = threading.Timer(GRACE, self._wake)
            timer.daemon = True
            timer.start()
        return time.monotonic() - self._lacking_since[addon.name] >= GRACE

    def _works(self, addon: Addon, nodes: int | None = None) -> bool:
        """Whether its replicas are available, those of a DaemonSet on this many nodes."""
        if addon.name == COREDNS:
            return deployment_available(self._found(self._deployments, addon.name))
        if addon.name == POD_IDENTITY:
            found = self._found(self._daemon_sets, addon.name)
            return daemon_set_available(found, nodes)
        return True

    def _found(self, informer: Informer, name: str) -> Manifest | None:
        """The one object of an add-on that an informer has, as it is now."""
        keys = map(manifests.key, self._applied.get(name, []))
        return next((informer.objects[key] for key in keys if key in informer.objects), None)

    def close(self) -> None:
        """Stop the watches."""
        self._deployments.close()
        self._daemon_sets.close()
