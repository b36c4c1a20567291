"""Whatever fails while a cluster or a node is made, of whatever kind, its record tells."""

import threading
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from localcloud.changes import Changes
from localcloud.kubernetes.cluster import ClusterRunner
from localcloud.kubernetes.node.machine import Machine
from localcloud.kubernetes.node.plan import Features
from localcloud.kubernetes.node.runner import NodeRunner
from localcloud.kubernetes.nodegroups import Nodegroups
from localcloud.kubernetes.surroundings import Surroundings
from localcloud.paths import CloudPaths
from localcloud.supervisor import Supervised, Supervisor
from tests.local.kubernetes.lab.store import MemoryStore
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
    assert groups.all_have(Features(), failed=True)
    runner.stop()
    runner.join(TIMEOUT)


def test_a_cluster_whose_key_is_gone_fails(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryStore, "data_key", Mock(side_effect=AttributeError("no key")))
    store = MemoryStore(Changes())
    unused: dict[str, Any] = {each.name: Mock() for each in fields(Surroundings)}
    given = {"store": store, "paths": CloudPaths("x"), "cloud_ca_pem": "", "supervisor": supervisor}
    around = Surroundings(**unused | given)
    around.network.host = Mock(return_value=tmp_path)  # type: ignore[method-assign]  # a mock's
    store.record = replace(cluster(), status="CREATING", encryption_key="arn:key")
    runner = ClusterRunner(around, "demo", threading.Lock())
    runner.wake()
    store.wait_for(lambda _: bool(store.told("cluster_failed")), TIMEOUT)
    assert store.told("cluster_failed") == [("cluster_failed", "no key")]
    runner.close()
