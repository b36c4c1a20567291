"""The reconciler among hand-made hosts and records in memory, and what tests may ask of it."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from localcloud.aws.eks.issuer import new_key
from localcloud.aws.eks.records import Cluster, Taint
from localcloud.changes import Changes
from localcloud.kubernetes.reconciler import KubernetesReconciler
from localcloud.network.fabric.addresses import DNS
from localcloud.network.forward import Forwarder
from localcloud.paths import CloudPaths
from localcloud.pki import Authority
from localcloud.process import Process
from localcloud.reconciler import Loop
from localcloud.supervisor import Supervisor
from localcloud.tools import find
from tests.local.kubernetes.lab import fabric
from tests.local.kubernetes.lab.store import MemoryStore, access_entry, node, nodegroup

NAME = "demo"
PATIENCE = 60.0  # seconds for anything to happen
COREFILE = f". {{\n bind {DNS}\n template ANY ANY {{\n rcode NXDOMAIN\n }}\n}}\n"


def cluster() -> Cluster:
    """A cluster without nodes or add-ons, as CreateCluster leaves it."""
    return Cluster(
        name=NAME, status="CREATING", version="1.35", region="eu-west-1", arn="arn:aws:eks:demo",
        service_cidr="172.20.0.0/16", issuer="https://oidc.eks.eu-west-1.amazonaws.com/id/LAB",
        service_account_key=new_key(), host=f"eks-{NAME}",
        private_ips=("10.0.1.4", "10.0.2.4"), vpc_cidrs=("10.0.0.0/16",), public_access=True,
        private_access=True, bootstrap_addons=False, nodegroups=(), addons=(), access_entries=(),
        pod_identity_associations=(), endpoint="", certificate_authority="",
        encryption_key="arn:aws:kms:lab",
    )  # fmt: skip


class Lab:
    """What the tests can ask for."""

    def __init__(self, name: str, host_net: Path) -> None:
        self._changes = Changes()
        self._fabric = fabric.Fabric()
        self._store = MemoryStore(self._changes)
        self._paths = CloudPaths(name)
        self._supervisor = Supervisor()
        self._paths.logs.mkdir(parents=True, exist_ok=True)
        tools = find()
        corefile = self._paths.root / "Corefile"
        corefile.write_text(COREFILE)
        log = self._paths.logs / "dns.log"
        Process(name="dns", args=[tools.binary("coredns"), "-conf", corefile], log=log).start()
        self._reconciler = KubernetesReconciler(
            self._store, self._fabric, tools, self._paths, Authority("lab"), Forwarder(host_net),
            self._supervisor,
        )  # fmt: skip
        Loop(self._reconciler, self._changes).start()
        self._fabric.add("world", "10.0.9.9")

    def create_cluster(self) -> float:
        """CreateCluster, and its network; returns the seconds until it is ACTIVE."""
        self._fabric.add(f"eks-{NAME}", "10.0.1.4")
        self._fabric.add_uplink(f"eks-{NAME}")
        self._store.record = cluster()
        return self._until(lambda record: record.status == "ACTIVE")

    def delete_cluster(self) -> float:
        """DeleteCluster; returns the seconds until it is gone."""
        self._store.change(status="DELETING")
        return self._timed(lambda record: record is None)

    def create_nodegroup(self) -> float:
        """CreateNodegroup of two nodes; returns the seconds until it is ACTIVE."""
        nodes = node(1), node(2)
        for one in nodes:
            self._fabric.add(one.instance_id, one.private_ip, one.pod_prefix)
        self._store.change(nodegroups=(nodegroup(*nodes),))
        return self._until(lambda record: record.nodegroups[0].status == "ACTIVE")

    def update_nodegroup(self, labels: dict[str, str], taints: list[list[str]]) -> float:
        """UpdateNodegroupConfig; returns the seconds until it is ACTIVE again."""
        [group] = self._store.groups("workers", "UPDATING")
        marked = replace(group, labels=labels, taints=tuple(Taint(*taint) for taint in taints))
        self._store.change(nodegroups=(marked,))
        return self._until(lambda record: record.nodegroups[0].status == "ACTIVE")

    def delete_nodegroup(self) -> float:
        """DeleteNodegroup; returns the seconds until it is gone."""
        self._store.change(nodegroups=self._store.groups("workers", "DELETING"))
        return self._until(lambda record: not record.nodegroups)

    def create_addon(self, name: str, configuration: dict[str, object]) -> None:
        """CreateAddon; `await_addon` waits for it."""
        self._store.create_addon(name, configuration)

    def await_addon(self, name: str) -> float:
        """The seconds until an add-on is ACTIVE."""
        return self._until(lambda record: ("ACTIVE", name) in _statuses(record))

    def delete_addon(self, name: str) -> float:
        """DeleteAddon; returns the seconds until it is gone."""
        self._store.delete_addon(name)
        return self._until(lambda record: all(name != found for _, found in _statuses(record)))

    def addon_status(self, name: str) -> str:
        """What the record of an add-on says."""
        record = self._store.record
        assert record
        return next(status for status, found in _statuses(record) if found == name)

    def grant_view(self, *namespaces: str) -> None:
        """An access entry with the view policy in these namespaces."""
        self._store.change(access_entries=(access_entry(*namespaces),))

    def set_public_access(self, wanted: bool) -> str:
        """UpdateClusterConfig; returns the endpoint that is then reported."""
        self._store.change(public_access=wanted, status="UPDATING")
        self._until(lambda record: record.status == "ACTIVE")
        return self._store.told("cluster_ready")[-1][1]

    def told(self, report: str) -> list[tuple[str, ...]]:
        """The reports of one kind, each with its arguments."""
        return self._store.told(report)

    def annotations(self, namespace: str, name: str) -> dict[str, str]:
        """The annotations of a service account, as the webhook asks for them."""
        return dict(self._store.service_account_annotations(NAME, namespace, name))

    def processes(self) -> dict[str, int | None]:
        """Name and process id of all that should run."""
        return {w.process.name: w.process.pid for w in self._supervisor.watched()}

    def _until(self, told: Callable[[Cluster], bool]) -> float:
        return self._timed(lambda record: record is not None and told(record))

    def _timed(self, told: Callable[[Cluster | None], bool]) -> float:
        begun = time.monotonic()
        self._changes.notify("eks")
        self._store.wait_for(told, PATIENCE)
        return round(time.monotonic() - begun, 2)


def _statuses(record: Cluster) -> list[tuple[str, str]]:
    return [(addon.status, addon.name) for addon in record.addons]
