"""Starts one runner per EKS cluster, and imports the images of all nodes."""

import threading
from collections.abc import Mapping
from functools import partial

from localcloud.kubernetes.cluster import ClusterRunner
from localcloud.kubernetes.context import ClusterContext, Network, Store
from localcloud.kubernetes.control_plane import log_files
from localcloud.kubernetes.manifests import manifest, path
from localcloud.kubernetes.node.plan import Programs
from localcloud.kubernetes.node.preloaded_images import PreloadedImages
from localcloud.network.port_forwarder import PortForwarder
from localcloud.paths import CloudPaths
from localcloud.pki import Authority
from localcloud.supervisor import Supervisor
from localcloud.tools import Tools

PRELOADED_IMAGES = ".preloaded-images"  # no cluster can have this name


class KubernetesReconciler:
    """The reconciler of EKS."""

    name = "kubernetes"
    topics = frozenset({"eks", "network"})

    def __init__(
        self,
        store: Store,
        network: Network,
        tools: Tools,
        paths: CloudPaths,
        authority: Authority,
        forwarder: PortForwarder,
        supervisor: Supervisor,
    ) -> None:
        cloud_ca_pem = authority.certificate
        programs = Programs(tools.binary, tools.cni)
        images = PreloadedImages(
            tools.images, cloud_ca_pem, paths.clusters / PRELOADED_IMAGES, paths.logs, programs
        )
        self._context = ClusterContext(
            store=store, network=network, forwarder=forwarder, tools=tools, paths=paths,
            cloud_ca_pem=cloud_ca_pem, supervisor=supervisor,
            programs=programs, preloaded_images=images,
        )  # fmt: skip
        self._ending = threading.Lock()
        self._clusters: dict[str, ClusterRunner] = {}
        store.service_account_annotations = self.service_account_annotations
        store.log_files = partial(log_files, paths.logs)

    def reconcile(self) -> None:
        """Start a runner for every new record, and wake all runners."""
        with self._ending:  # so that no runner ends between these two loops
            for name, runner in list(self._clusters.items()):
                if runner.ended.is_set():
                    del self._clusters[name]
            for cluster in self._context.store.clusters():
                if cluster.name not in self._clusters:
                    runner = ClusterRunner(self._context, cluster.name, self._ending)
                    self._clusters[cluster.name] = runner
        for runner in list(self._clusters.values()):
            runner.wake()

    def service_account_annotations(
        self, cluster: str, namespace: str, name: str
    ) -> Mapping[str, str]:
        """The annotations of a service account; raises LookupError if it does not exist."""
        runner = self._clusters.get(cluster)
        plane = runner.plane if runner else None
        account = manifest("v1", "ServiceAccount", name, namespace)
        found = plane.api.get(path(account)) if plane else None
        if found is None:
            raise LookupError(f"no service account {namespace}/{name} in cluster {cluster}")
        annotations: Mapping[str, str] = found["metadata"].get("annotations", {})
        return annotations
