"""Runs a cluster in a thread that makes its EKS record real and reports the outcome."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from localcloud.aws.eks.snapshots import Cluster
from localcloud.kubernetes.access import AccessPolicies, cluster_bindings
from localcloud.kubernetes.addons.manager import Addons
from localcloud.kubernetes.api import ApiError, Unreachable
from localcloud.kubernetes.bootstrap import bootstrap_objects
from localcloud.kubernetes.components import API_PORT
from localcloud.kubernetes.context import ClusterContext
from localcloud.kubernetes.control_plane import ControlPlane
from localcloud.kubernetes.nodegroups import Nodegroups
from localcloud.network.fabric.addresses import MACHINE, WORLD_ADDRESS
from localcloud.network.port_forwarder import PortForwarder
from localcloud.paths import NETNS, WORLD
from localcloud.supervisor import Supervised

LOOPBACK = "127.0.0.1"
WORLD_NETNS = NETNS / WORLD
RETRY_SECONDS = 1.0  # after an error
log = logging.getLogger(__name__)


class ClusterRunner:
    """Makes the record of the cluster `name` real until it is deleted, then sets `ended`.

    It sets `ended` under the lock `ending`: while another thread holds that, no runner ends.
    """

    def __init__(self, context: ClusterContext, name: str, ending: threading.Lock) -> None:
        self.name = name
        self._ending = ending
        self.ended = threading.Event()
        self._context = context
        self._wake = threading.Event()
        self._failed = False  # the control plane could not be started
        self._served: ServedCluster | None = None
        self._plane: ControlPlane | None = None
        self._supervised = Supervised(context.supervisor, self.wake)
        self._reported_failure: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"cluster {name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at the record again: something may have changed."""
        self._wake.set()

    @property
    def plane(self) -> ControlPlane | None:
        """The control plane once it serves."""
        return self._plane if self._served else None

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                if self._reconcile() and self._end():
                    return
            except (ApiError, Unreachable) as error:
                log.warning("cluster %s: %s", self.name, error)
                self._retry()
            except Exception:  # one bad record must not end the thread
                log.exception("cluster %s", self.name)
                self._retry()

    def _end(self) -> bool:
        """Set `ended`, unless a record of this name exists again."""
        with self._ending:
            if self._context.store.cluster(self.name) is not None:
                self.wake()
                return False
            self.ended.set()
            return True

    def _retry(self) -> None:
        time.sleep(RETRY_SECONDS)
        self.wake()

    def _reconcile(self) -> bool:
        """Bring the cluster closer to its record; returns True once there is no record."""
        cluster = self._context.store.cluster(self.name)
        if cluster is None:
            self._stop()
            return True
        if cluster.status == "DELETING":
            self._stop()
            self._context.store.cluster_gone(self.name)
            self.wake()  # the record is gone now, or a new one has the same name
            return False
        if self._served is None and not self._failed:
            self._start(cluster)
        if self._served and self._plane and self._ensure_version(cluster, self._plane):
            if "audit" in cluster.log_types and not self._plane.has_audit_log:
                self._plane.start_audit_log(self._supervised)
            self._report_health()
            self._served.reconcile(cluster)
        return False

    def _ensure_version(self, cluster: Cluster, plane: ControlPlane) -> bool:
        """Change the control plane's version to the record's; returns whether it has that now.

        If that fails, the record gets the former version again, and the next call changes it back.
        """
        if plane.version != cluster.version:
            try:
                plane.change_version(cluster.version, self._supervised)
            except Exception as error:  # any failure ends the update
                log.exception("cluster %s", self.name)
                self._reported_failure = str(error)
                self._context.store.cluster_failed(self.name, self._reported_failure)
                self._retry()
                return False
        return True

    def _report_health(self) -> None:
        """Report why a program of the control plane does not keep running, or that all do again."""
        failure = self._supervised.failure
        if failure != self._reported_failure:
            self._context.store.cluster_health(self.name, failure)
            self._reported_failure = failure

    def _start(self, cluster: Cluster) -> None:
        context = self._context
        netns = context.network.host(cluster.host)
        if netns is None:
            return  # the topic "network" wakes this thread when the host is up
        if self._plane is None:
            try:
                self._plane = ControlPlane(context, cluster, netns)
                self._plane.start(self._supervised)
            except Exception as error:  # any failure makes the cluster FAILED
                log.exception("cluster %s", self.name)
                self._stop()
                self._failed = True
                context.store.cluster_failed(self.name, str(error))
                return
        objects = bootstrap_objects(context.webhook(self.name, "mutate-pods"), context.cloud_ca_pem)
        for item in [*objects, *cluster_bindings()]:
            self._plane.api.apply(item)
        self._served = ServedCluster(context, cluster, self._plane, netns, self.wake)

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
    """The endpoint, nodes, add-ons and access of a cluster whose API server serves."""

    def __init__(
        self,
        context: ClusterContext,
        cluster: Cluster,
        plane: ControlPlane,
        netns: Path,
        wake: Callable[[], None],
    ) -> None:
        self._context = context
        self._plane = plane
        self._endpoint = Endpoint(context.forwarder, netns)
        self.nodegroups = Nodegroups(context, plane, wake)
        self._addons = Addons(context, plane.api, cluster, wake)
        self._access = AccessPolicies(plane.api, wake)

    def reconcile(self, cluster: Cluster) -> None:
        """Bring everything closer to the record, and report what is ready."""
        url = self._endpoint.reconcile(cluster)
        if cluster.status in ("CREATING", "UPDATING"):
            self._context.store.cluster_ready(cluster.name, url, self._plane.credentials.ca_pem)
        features = self._addons.features(cluster)
        self.nodegroups.reconcile(cluster, features)
        self._addons.reconcile(cluster, self.nodegroups)
        self._access.reconcile(cluster)
        self.nodegroups.report(cluster)

    def close(self) -> None:
        """Stop the watches and end every node."""
        self._endpoint.close()
        self._access.close()
        self._addons.close()
        self.nodegroups.close()


class Endpoint:
    """The public endpoint: one port of 127.0.0.1, both on the machine and on the host `world`.

    Each of these two may connect if the cluster's public access CIDRs contain its address. The
    private endpoint is an address of the control plane in the VPC and needs nothing here.
    """

    def __init__(self, forwarder: PortForwarder, netns: Path) -> None:
        self._forwarder = forwarder
        self._netns = netns
        self._port: int | None = None
        self._cidrs: list[IPv4Network] = []

    def reconcile(self, cluster: Cluster) -> str:
        """Open or close it as the record says; returns the URL of the cluster's endpoint."""
        if not cluster.public_access:
            self.close()
            return f"https://{cluster.private_ips[0]}"
        self._cidrs = [IPv4Network(cidr) for cidr in cluster.public_cidrs]
        if self._port is None:
            target = (self._netns, LOOPBACK, API_PORT)
            self._port = self._forwarder.listen(None, 0, *target, partial(self._admits, MACHINE))
            world = partial(self._admits, WORLD_ADDRESS.partition("/")[0])
            self._forwarder.listen(WORLD_NETNS, self._port, *target, world)
        return f"https://{LOOPBACK}:{self._port}"

    def _admits(self, address: str) -> bool:
        return any(IPv4Address(address) in cidr for cidr in self._cidrs)

    def close(self) -> None:
        """Stop listening."""
        if self._port is not None:
            self._forwarder.stop(None, self._port)
            self._forwarder.stop(WORLD_NETNS, self._port)
            self._port = None
