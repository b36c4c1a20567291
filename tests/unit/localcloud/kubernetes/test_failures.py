"""Every failure of a cluster or a node is reported to its record."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from localcloud.aws.eks.snapshots import Cluster
from localcloud.kubernetes.cluster import ClusterRunner
from localcloud.kubernetes.context import ClusterContext
from localcloud.kubernetes.control_plane import ControlPlane
from localcloud.kubernetes.node.plan import Features
from localcloud.kubernetes.node.processes import NodeProcesses
from localcloud.kubernetes.node.runner import NodeRunner
from localcloud.kubernetes.nodegroups import Nodegroups
from localcloud.paths import CloudPaths
from localcloud.supervisor import Supervised, Supervisor
from tests.unit.localcloud.kubernetes.examples import NODE, cluster, plan

TIMEOUT = 5.0  # seconds
FORMER = {  # the Node of a former instance with the same address
    "spec": {"providerID": "aws:///eu-west-1a/i-former"},
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor(stable=0.4)
    yield made
    made.close()


def test_a_node_that_cannot_be_made_fails_and_does_not_keep_addons(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    def fail() -> None:
        raise AttributeError("fault")

    nothing: Any = None
    stepped = threading.Event()
    node = replace(plan(), folder=tmp_path / "node")
    processes = NodeProcesses(node, nothing, nothing, Supervised(supervisor), fail)
    runner = NodeRunner(processes, Features(), stepped.set)
    assert stepped.wait(TIMEOUT)
    assert runner.failure == "AttributeError: fault"
    groups = Nodegroups.__new__(Nodegroups)
    groups._runners = {"i-0": runner}
    assert not groups.all_have(Features())
    assert groups.all_have(Features(), allow_failed=True)
    runner.stop()
    runner.join(TIMEOUT)


def test_a_new_node_that_does_not_become_ready_in_time_fails_its_group() -> None:
    """docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html: NodeCreationFailure."""
    groups: Any = Nodegroups.__new__(Nodegroups)
    runner = Mock(failure=None, stuck=False, joined=False, age=0.0)
    groups._runners, groups._nodes = (
        {NODE.instance_id: runner},
        Mock(objects={NODE.dns_name: FORMER}),
    )
    groups._context = Mock()
    failed = groups._context.store.nodegroup_failed
    groups.report(cluster())
    failed.assert_not_called()
    runner.age = 16 * 60
    groups.report(cluster())
    words = f"Instances failed to join the kubernetes cluster: {NODE.instance_id}"
    failed.assert_called_once_with("demo", "workers", words)
    failed.reset_mock()
    runner.joined = True
    groups.report(cluster())
    failed.assert_not_called()


class Store:
    """A cluster that is reported on; its KMS key no longer exists."""

    def __init__(self, record: Cluster) -> None:
        self.record: Cluster | None = record
        self.reports: SimpleQueue[str | None] = SimpleQueue()

    def cluster(self, name: str) -> Cluster | None:
        return self.record

    def data_key(self, cluster: str) -> bytes:
        raise AttributeError("no key")

    def cluster_failed(self, name: str, reason: str) -> None:
        self.reports.put(reason)

    def cluster_health(self, name: str, failure: str | None) -> None:
        self.reports.put(failure)


@contextmanager
def running(supervisor: Supervisor, folder: Path, record: Cluster) -> Iterator[Any]:
    """A runner of this record, until the record is deleted."""
    store: Any = Store(record)
    network: Any = SimpleNamespace(host=lambda name: folder)
    nothing: dict[str, Any] = dict.fromkeys(("forwarder", "programs", "preloaded_images"))
    tools: Any = SimpleNamespace(binary=None)
    context: Any = ClusterContext(
        store=store, network=network, tools=tools, paths=CloudPaths("x"), cloud_ca_pem="",
        supervisor=supervisor, **nothing,
    )  # fmt: skip
    runner = ClusterRunner(context, "demo", threading.Lock())
    runner.wake()
    yield store
    store.record = None
    runner.wake()
    assert runner.ended.wait(TIMEOUT)
    assert store.reports.empty()


def test_a_cluster_whose_key_is_gone_fails(supervisor: Supervisor, tmp_path: Path) -> None:
    record = replace(cluster(), status="CREATING", encryption_key="arn:key")
    with running(supervisor, tmp_path, record) as store:
        assert store.reports.get(timeout=TIMEOUT) == "no key"


def test_a_control_plane_that_does_not_come_up_with_a_new_version_ends_the_update(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its health tells so until it runs, here with the version that it has then."""

    def start(plane: ControlPlane, supervised: Supervised) -> None:
        plane.version = "1.34"

    def change_version(plane: ControlPlane, version: str, supervised: Supervised) -> None:
        plane.version = version
        raise RuntimeError("fault")

    for name, instead in (("start", start), ("change_version", change_version), ("api", Mock())):
        monkeypatch.setattr(ControlPlane, name, instead, raising=False)
    monkeypatch.setattr("localcloud.kubernetes.cluster.ServedCluster", Mock())
    with running(supervisor, tmp_path, cluster()) as store:
        assert store.reports.get(timeout=TIMEOUT) == "fault"
        assert store.reports.get(timeout=TIMEOUT) is None
