"""One cluster in a thread of its own: it follows its record, and reports what became of it."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from localcloud.aws.eks.records import Cluster
from localcloud.kubernetes.access import AccessPolicies, cluster_bindings
from localcloud.kubernetes.addons.manager import Addons
from localcloud.kubernetes.api import ApiError, Unreachable
from localcloud.kubernetes.bootstrap import bootstrap_objects
from localcloud.kubernetes.control_plane import ControlPlane, ControlPlaneInputs
from localcloud.kubernetes.endpoint import Endpoint
from localcloud.kubernetes.nodegroups import Nodegroups
from localcloud.kubernetes.refusals import refusals
from localcloud.kubernetes.surroundings import Surroundings
from localcloud.supervisor import Supervised

RETRY_SECONDS = 1.0  # after the API server refused or was not reached
log = logging.getLogger(__name__)


class ClusterRunner:
    """Makes the record of `name` real until it is deleted; `ended` is then set under `ending`."""

    def __init__(self, around: Surroundings, name: str, ending: threading.Lock) -> None:
        self.name = name
        self._ending = ending
        self.ended = threading.Event()
        self._around = around
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._failed = False
        self._served: ServedCluster | None = None
        self._plane: ControlPlane | None = None
        self._supervised = Supervised(around.supervisor)
        self._thread = threading.Thread(target=self._run, name=f"cluster {name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something that it reads may have changed."""
        self._wake.set()

    def close(self) -> None:
        """Stop everything without a report (the cloud goes down)."""
        self._closing.set()
        self.wake()
        self._thread.join()

    @property
    def plane(self) -> ControlPlane | None:
        """The control plane once it serves."""
        return self._plane if self._served else None

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                if self._converge() and self._ended():
                    return
            except (ApiError, Unreachable) as error:
                log.warning("cluster %s: %s", self.name, error)
                self._retry()
            except Exception:  # the cluster must outlive any one bad record
                log.exception("cluster %s", self.name)
                self._retry()
        self._stop()

    def _ended(self) -> bool:
        """Mark the end, unless there is a record of the name again."""
        with self._ending:
            if self._around.store.cluster(self.name) is not None:
                self.wake()
                return False
            self.ended.set()
            return True

    def _retry(self) -> None:
        self._closing.wait(RETRY_SECONDS)
        self._wake.set()

    def _converge(self) -> bool:
        """Take one step to what the record says; True once it is gone."""
        cluster = self._around.store.cluster(self.name)
        if cluster is None:
            self._stop()
            return True
        if cluster.status == "DELETING":
            self._stop()
            self._around.store.cluster_gone(self.name)
            self.wake()  # to find no record, or one of the same name made at once
            return False
        if self._served is None and not self._failed:
            self._start(cluster)
        if self._served:
            self._served.converge(cluster)
        return False

    def _start(self, cluster: Cluster) -> None:
        around = self._around
        netns = around.network.host(cluster.host)
        if netns is None:
            return  # the network tells when it is up
        if self._plane is None:
            try:
                self._plane = ControlPlane(control_plane_inputs(around, cluster, netns))
                self._plane.start(self._supervised)
            except Exception as error:  # whatever it was, the record must tell
                log.exception("cluster %s", self.name)
                self._stop()
                self._failed = True
                around.store.cluster_failed(self.name, str(error))
                return
        objects = bootstrap_objects(around.webhook(self.name, "mutate-pods"), around.cloud_ca_pem)
        for item in [*objects, *cluster_bindings(), *refusals()]:
            self._plane.api.apply(item)
        self._served = ServedCluster(around, cluster, self._plane, netns, self.wake)

    def _stop(self) -> None:
        if self._served:
            self._served.close()
            self._served = None
        self._failed = False
        self._supervised.kill()
        if self._plane:
            self._plane.remove()
            self._plane = None


class ServedCluster:
    """A cluster whose API server serves: what lives in it follows the record."""

    def __init__(
        self,
        around: Surroundings,
        cluster: Cluster,
        plane: ControlPlane,
        netns: Path,
        wake: Callable[[], None],
    ) -> None:
        self._around = around
        self._plane = plane
        self._endpoint = Endpoint(around.forwarder, around.world, netns)
        self.nodegroups = Nodegroups(around, plane, wake)
        self._addons = Addons(around, plane.api, cluster, wake)
        self._access = AccessPolicies(plane.api, wake)

    def converge(self, cluster: Cluster) -> None:
        """Bring everything closer to the record, and report what has arrived."""
        url = self._endpoint.open(cluster)
        if cluster.status in ("CREATING", "UPDATING"):
            self._around.store.cluster_ready(cluster.name, url, self._plane.credentials.ca_pem)
        features = self._addons.features(cluster)
        self.nodegroups.converge(cluster, features)
        self._addons.converge(cluster, self.nodegroups)
        self._access.converge(cluster)
        self.nodegroups.report(cluster)

    def close(self) -> None:
        """Stop following and end every node."""
        self._endpoint.close()
        self._access.close()
        self._addons.close()
        self.nodegroups.close()


def control_plane_inputs(around: Surroundings, cluster: Cluster, netns: Path) -> ControlPlaneInputs:
    """What the record and the cloud give to a control plane."""
    return ControlPlaneInputs(
        cluster=cluster.name,
        service_cidr=cluster.service_cidr,
        issuer=cluster.issuer,
        service_account_key=cluster.service_account_key,
        private_ips=cluster.private_ips,
        netns=netns,
        folder=around.paths.clusters / cluster.name / "control-plane",
        logs=around.paths.logs,
        token_review_url=around.webhook(cluster.name, "token-review"),
        cloud_ca_pem=around.cloud_ca_pem,
        binary=around.tools.binary,
        data_key=around.store.data_key(cluster.name) if cluster.encryption_key else None,
    )
