"""Every failure of a cluster or a node is reported to its record."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.aws.eks.records import Cluster
from localcloud.kubernetes.cluster import ClusterRunner
from localcloud.kubernetes.node.machine import Machine
from localcloud.kubernetes.node.plan import Features
from localcloud.kubernetes.node.runner import NodeRunner
from localcloud.kubernetes.nodegroups import Nodegroups
from localcloud.kubernetes.surroundings import Surroundings
from localcloud.paths import CloudPaths
from localcloud.supervisor import Supervised, Supervisor
from tests.unit.localcloud.kubernetes.examples import cluster, plan

TIMEOUT = 5.0  # seconds


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
    machine = Machine(node, nothing, nothing, Supervised(supervisor), fail)
    runner = NodeRunner(machine, Features(), stepped.set)
    assert stepped.wait(TIMEOUT)
    assert runner.failure == "AttributeError: fault"
    groups = Nodegroups.__new__(Nodegroups)
    groups._runners = {"i-0": runner}
    assert not groups.all_have(Features())
    assert groups.all_have(Features(), allow_failed=True)
    runner.stop()
    runner.join(TIMEOUT)


class Store:
    """A cluster that is reported on; its KMS key no longer exists."""

    def __init__(self, record: Cluster) -> None:
        self.record: Cluster | None = record
        self.reports: SimpleQueue[str] = SimpleQueue()

    def cluster(self, name: str) -> Cluster | None:
        return self.record

    def data_key(self, cluster: str) -> bytes:
        raise AttributeError("no key")

    def cluster_failed(self, name: str, reason: str) -> None:
        self.reports.put(reason)


def test_a_cluster_whose_key_is_gone_fails(supervisor: Supervisor, tmp_path: Path) -> None:
    store: Any = Store(replace(cluster(), status="CREATING", encryption_key="arn:key"))
    network: Any = SimpleNamespace(host=lambda name: tmp_path)
    nothing: dict[str, Any] = dict.fromkeys(("forwarder", "programs", "machine_image"))
    tools: Any = SimpleNamespace(binary=None)
    around: Any = Surroundings(
        store=store, network=network, tools=tools, paths=CloudPaths("x"), cloud_ca_pem="",
        supervisor=supervisor, **nothing,
    )  # fmt: skip
    runner = ClusterRunner(around, "demo", threading.Lock())
    runner.wake()
    assert store.reports.get(timeout=TIMEOUT) == "no key"
    store.record = None
    runner.wake()
    assert runner.ended.wait(TIMEOUT)
    assert store.reports.empty()
