"""Whatever fails while a cluster or a node is made, of whatever kind, its record tells."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
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
    made = Supervisor()
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
    assert groups.all_have(Features(), failed=True)
    runner.stop()
    runner.join(TIMEOUT)


class Store:
    """A cluster whose KMS key is gone since it was asked for."""

    def __init__(self) -> None:
        self.failed: SimpleQueue[str] = SimpleQueue()

    def cluster(self, name: str) -> Cluster:
        return replace(cluster(), status="CREATING", encryption_key="arn:key")

    def data_key(self, cluster: str) -> bytes:
        raise AttributeError("no key")

    def cluster_failed(self, name: str, reason: str) -> None:
        self.failed.put(reason)


def test_a_cluster_whose_key_is_gone_fails(supervisor: Supervisor, tmp_path: Path) -> None:
    class Network:
        def host(self, name: str) -> Path:
            return tmp_path

    store: Any = Store()
    nothing: dict[str, Any] = dict.fromkeys(("forwarder", "world", "programs", "machine_image"))
    tools: Any = type("Tools", (), {"binary": None})
    around: Any = Surroundings(
        store=store, network=Network(), tools=tools, paths=CloudPaths("x"), cloud_ca_pem="",
        supervisor=supervisor, **nothing,
    )  # fmt: skip
    runner = ClusterRunner(around, "demo", threading.Lock())
    runner.wake()
    assert store.failed.get(timeout=TIMEOUT) == "no key"
    runner.close()
    assert store.failed.empty()
