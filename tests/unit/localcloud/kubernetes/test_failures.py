"""Every failure of a cluster or a node is reported to its record."""

import threading
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from localcloud.changes import Changes
from localcloud.kubernetes.cluster import ClusterRunner
from localcloud.kubernetes.control_plane import ControlPlane
from localcloud.kubernetes.node.machine import Machine
from localcloud.kubernetes.node.plan import Features
from localcloud.kubernetes.node.runner import NodeRunner
from localcloud.kubernetes.nodegroups import Nodegroups
from localcloud.kubernetes.surroundings import Surroundings
from localcloud.paths import CloudPaths
from localcloud.process import Process
from localcloud.supervisor import Supervised, Supervisor
from tests.local.kubernetes.lab.store import MemoryStore
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
    fail = Mock(side_effect=AttributeError("fault"))
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


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(Changes())


@pytest.fixture
def runner(supervisor: Supervisor, store: MemoryStore, tmp_path: Path) -> Iterator[ClusterRunner]:
    """A runner of the cluster `demo`, whose record does not exist yet."""
    unused: dict[str, Any] = {each.name: Mock() for each in fields(Surroundings)}
    given = {"store": store, "paths": CloudPaths("x"), "cloud_ca_pem": "", "supervisor": supervisor}
    around = Surroundings(**unused | given)
    around.network.host = Mock(return_value=tmp_path)  # type: ignore[method-assign]  # a mock's
    made = ClusterRunner(around, "demo", threading.Lock())
    yield made
    store.record = None
    made.wake()
    assert made.ended.wait(TIMEOUT)


def test_a_cluster_whose_key_is_gone_fails(
    runner: ClusterRunner, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryStore, "data_key", Mock(side_effect=AttributeError("no key")))
    store.record = replace(cluster(), status="CREATING", encryption_key="arn:key")
    runner.wake()
    store.wait_for(lambda _: bool(store.told("cluster_failed")), TIMEOUT)
    assert store.told("cluster_failed") == [("cluster_failed", "no key")]


def test_a_control_plane_that_does_not_keep_running_is_an_issue_until_it_does(
    runner: ClusterRunner, store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ClusterHealth of the EKS API: API_ClusterHealth.html, API_ClusterIssue.html."""
    script = f"echo why; test -e {tmp_path / 'fine'} && exec sleep 60; exit 3"
    etcd = Process(name="etcd", args=["sh", "-c", script], log=tmp_path / "etcd.log")
    monkeypatch.setattr(ControlPlane, "start", lambda _, supervised: supervised.start(etcd))
    monkeypatch.setattr(ControlPlane, "api", Mock(), raising=False)
    monkeypatch.setattr("localcloud.kubernetes.cluster.ServedCluster", Mock())
    store.record = cluster()
    runner.wake()
    store.wait_for(lambda _: bool(store.told("cluster_health")), TIMEOUT)
    assert store.told("cluster_health")[0][1].startswith("etcd exited 3 times in a row (3):\nwhy")
    (tmp_path / "fine").touch()
    store.wait_for(lambda _: store.told("cluster_health")[-1] == ("cluster_health", ""), 30)
