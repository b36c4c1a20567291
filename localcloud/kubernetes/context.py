"""What clusters need from the rest of the cloud."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from localcloud.aws.eks.snapshots import Cluster
from localcloud.kubernetes.node.plan import Programs
from localcloud.kubernetes.node.preloaded_images import PreloadedImages
from localcloud.network.fabric.addresses import AWS_API
from localcloud.network.port_forwarder import PortForwarder
from localcloud.paths import CloudPaths
from localcloud.supervisor import Supervisor
from localcloud.tools import Tools

# By address: the programs of a control plane see the machine's resolv.conf, not the cloud's DNS.
AWS_URL = f"https://{AWS_API}"


class Store(Protocol):
    """The EKS records: read as snapshots, and changed by reports; see localcloud.aws.eks.store."""

    # Set by KubernetesReconciler: the store asks the clusters.
    service_account_annotations: Callable[[str, str, str], Mapping[str, str]]
    log_files: Callable[[str], Mapping[str, Path]]

    def clusters(self) -> list[Cluster]: ...

    def cluster(self, name: str) -> Cluster | None: ...

    def cluster_ready(self, name: str, endpoint: str, ca_pem: str) -> None: ...

    def cluster_failed(self, name: str, reason: str) -> None: ...

    def cluster_health(self, name: str, failure: str | None) -> None: ...

    def cluster_gone(self, name: str) -> None: ...

    def nodegroup_ready(
        self, cluster: str, nodegroup: str, ready: Sequence[str] | None = None
    ) -> None: ...

    def nodegroup_failed(self, cluster: str, nodegroup: str, reason: str) -> None: ...

    def node_stays(self, cluster: str, nodegroup: str, instance_id: str) -> None: ...

    def node_gone(self, cluster: str, nodegroup: str, instance_id: str) -> None: ...

    def nodegroup_gone(self, cluster: str, nodegroup: str) -> None: ...

    def addon_ready(self, cluster: str, addon: str) -> None: ...

    def addon_failed(self, cluster: str, addon: str, code: str, reason: str) -> None: ...

    def addon_degraded(self, cluster: str, addon: str, code: str, reason: str) -> None: ...

    def addon_gone(self, cluster: str, addon: str) -> None: ...

    # Credentials are access key id, secret access key and session token.
    def instance_credentials(self, instance_id: str) -> tuple[str, str, str]: ...

    def cluster_credentials(self, cluster: str) -> tuple[str, str, str]: ...

    def data_key(self, cluster: str) -> bytes: ...


class Network(Protocol):
    """The network reconciler, or a test's replacement."""

    def host(self, name: str) -> Path | None:
        """The network namespace of a host once it is up."""


@dataclass(frozen=True, kw_only=True)
class ClusterContext:
    """What the runner of every cluster uses; `cloud_ca_pem` is the CA of the AWS API."""

    store: Store
    network: Network
    forwarder: PortForwarder
    tools: Tools
    paths: CloudPaths
    cloud_ca_pem: str
    supervisor: Supervisor
    programs: Programs
    preloaded_images: PreloadedImages

    def webhook(self, cluster: str, name: str) -> str:
        """The URL of a webhook that the AWS API serves to a cluster's API server."""
        return f"{AWS_URL}/_cloud/clusters/{cluster}/{name}"
