"""A node that has to leave is emptied before, as on EKS.

docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html: each node is drained
before its instance is terminated, by force after 5 minutes; managed-node-groups.html: reducing
the desired node count evicts pods as well, for up to 15 minutes.
"""

import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, Mock

import pytest

from localcloud.aws.eks.snapshots import Cluster, Nodegroup
from localcloud.kubernetes.api import Api
from localcloud.kubernetes.node.drain import Drain, Limit, remove
from localcloud.kubernetes.node.kubelet import provider_id
from localcloud.kubernetes.node.labels import LabelsAndTaints
from localcloud.kubernetes.node.plan import Features
from localcloud.kubernetes.node.runner import NodeRunner, State
from localcloud.kubernetes.nodegroups import Nodegroups, drain_limits
from tests.cloud.waiting import eventually
from tests.unit.localcloud.kubernetes.conftest import Answer, Server
from tests.unit.localcloud.kubernetes.examples import GROUP, NODE, cluster, plan

TIMEOUT = 5.0  # seconds
LEFT_BEHIND = "has pods that could not be evicted"
PODS = "/api/v1/pods"
GONE: Answer = 201, {}
REFUSED: Answer = 429, {"message": "Cannot evict pod as it would violate the disruption budget."}


def pod(name: str, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "default", **metadata}}


def asked(server: Server, method: str) -> list[str]:
    return [path.removeprefix("/api/v1/") for how, path, _ in server.asked if how == method]


def holds(server: Server, *pods: dict[str, Any]) -> None:
    """The API has a node with these pods."""
    server.answers["PATCH", f"/api/v1/nodes/{NODE.dns_name}"] = 200, {}
    server.answers["GET", PODS] = 200, {"metadata": {"resourceVersion": "5"}, "items": list(pods)}


def evicts(server: Server, item: dict[str, Any], *before: Answer) -> None:
    """Evictions of a pod are answered with `before`, and the next one ends it."""
    answers = iter(before)

    def answer() -> Answer:
        if refused := next(answers, None):
            return refused
        server.events.append({"type": "DELETED", "object": item})
        return GONE

    name = item["metadata"]["name"]
    server.answers["POST", f"/api/v1/namespaces/default/pods/{name}/eviction"] = answer


def test_a_node_is_cordoned_and_the_pods_that_can_live_elsewhere_are_evicted(
    api: Api, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    web, ending = pod("web"), pod("ending", deletionTimestamp="2026-01-01T00:00:00Z")
    agent = pod("agent", ownerReferences=[{"kind": "DaemonSet"}])
    static = pod("static", annotations={"kubernetes.io/config.mirror": "x"})
    holds(server, web, agent, static, ending)
    evicts(server, web, REFUSED)
    server.events.append({"type": "DELETED", "object": ending})
    drain(api, TIMEOUT).run()
    # Asked for again, since a budget refused it.
    assert asked(server, "POST") == ["namespaces/default/pods/web/eviction"] * 2
    first = next(each for each in server.asked if each[0] != "GET")
    assert first == ("PATCH", f"/api/v1/nodes/{NODE.dns_name}", {"spec": {"unschedulable": True}})
    listed, watched = asked(server, "GET")
    assert listed == f"pods?fieldSelector=spec.nodeName%3D{NODE.dns_name}"
    assert watched == f"{listed}&watch=true&resourceVersion=5"
    assert LEFT_BEHIND not in caplog.text


@pytest.mark.parametrize("listed", [True, False])
def test_a_node_ends_with_its_pods_when_the_time_is_over(
    api: Api, server: Server, caplog: pytest.LogCaptureFixture, listed: bool
) -> None:
    holds(server, pod("web"))
    evicts(server, pod("web"), *[REFUSED] * 9)
    if not listed:  # what could not be read is not known to be empty
        server.answers["GET", PODS] = 500, {"message": "etcd is away"}
    drain(api, 0.3).run()
    assert LEFT_BEHIND in caplog.text


def test_a_node_that_never_joined_needs_no_waiting(
    api: Api, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    holds(server)
    del server.answers["PATCH", f"/api/v1/nodes/{NODE.dns_name}"]
    drain(api, TIMEOUT).run()
    assert LEFT_BEHIND not in caplog.text


@pytest.mark.parametrize("instance", [NODE.instance_id, "i-new"])
def test_a_node_and_its_pods_are_deleted_unless_another_instance_has_its_name(
    api: Api, server: Server, instance: str
) -> None:
    holds(server, pod("agent"))
    path = f"/api/v1/nodes/{NODE.dns_name}"
    spec = {"providerID": provider_id(NODE.zone, instance)}
    server.answers["GET", path] = 200, {"metadata": {"uid": "u"}, "spec": spec}
    remove(api, plan())
    deleted = [(path, body) for how, path, body in server.asked if how == "DELETE"]
    if instance == NODE.instance_id:
        pods = "/api/v1/namespaces/default/pods/agent"
        assert [path for path, _ in deleted] == [path, pods]
        assert deleted[0][1]["preconditions"] == {"uid": "u"}
        assert deleted[1][1]["gracePeriodSeconds"] == 0
    else:
        assert deleted == []


def test_a_new_instance_joins_once_the_former_node_of_its_name_is_gone(
    api: Api, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kubelet takes over a Node that exists, and does not register again when it is deleted."""
    holds(server)
    monkeypatch.setattr("localcloud.kubernetes.nodegroups.NodeRunner", Mock())
    old: Any = Mock(state=State.RUNNING, processes=Processes(True))
    nodes: Any = Nodegroups.__new__(Nodegroups)
    nodes._runners, nodes._applied = {"i-old": old}, {"i-old": None}
    nodes._plane, nodes._context, nodes._wake = Mock(api=api), MagicMock(), lambda: None
    nodes.reconcile(cluster(), Features())
    assert nodes._runners == {"i-old": old}
    old.state = State.STOPPED
    nodes.reconcile(cluster(), Features())
    assert list(nodes._runners) == [NODE.instance_id]


def test_a_node_that_must_be_drained_stays_when_it_cannot_be(api: Api, server: Server) -> None:
    holds(server, pod("web"))
    evicts(server, pod("web"), *[REFUSED] * 9)
    node, ended = runner()
    node.leave(drain(api, 0.3, strict=True))
    eventually(lambda: node.stuck)
    assert not ended.is_set()
    assert not node.has(Features(pod_network=True))
    node.stay()
    node.leave(drain(api))
    eventually(lambda: node.has(Features(pod_network=True)))
    node.stay()
    eventually(lambda: not node.has(Features(pod_network=True)))
    assert not node.stuck
    node.stop()
    assert ended.wait(TIMEOUT)


class Processes:
    """A node that notes when it ends, or one that could not be started."""

    features = Features()

    def __init__(self, works: bool) -> None:
        self.plan, self.supervised = plan(), SimpleNamespace(failure=None if works else "fault")
        self.ended = threading.Event()

    def start(self, wanted: Features) -> None: ...

    def apply(self, wanted: Features) -> None: ...

    def stop(self) -> None:
        self.ended.set()


def drain(api: Api, seconds: float = 300, strict: bool = False) -> Drain:
    return Drain(api, NODE.dns_name, Limit(seconds, strict))


def runner(works: bool = True) -> tuple[NodeRunner, threading.Event]:
    processes: Any = Processes(works)
    return NodeRunner(processes, Features(), lambda: None), processes.ended


def test_a_node_ends_once_it_is_empty_or_the_drain_is_cancelled(api: Api, server: Server) -> None:
    holds(server, pod("web"))
    evicts(server, pod("web"), *[REFUSED] * 9)
    node, ended = runner()
    node.leave(drain(api))
    assert not ended.wait(0.3)
    assert node.has(Features(pod_network=True))  # no add-on waits for a node that leaves
    node.stop()
    assert ended.wait(TIMEOUT)


def test_a_node_that_does_not_work_is_not_waited_for(api: Api, server: Server) -> None:
    holds(server, pod("web"))
    node, ended = runner(works=False)
    node.leave(drain(api))
    assert ended.wait(TIMEOUT)
    assert asked(server, "POST") == []


def with_groups(*groups: Nodegroup) -> Cluster:
    return replace(cluster(), nodegroups=groups)


DELETED = replace(GROUP, status="DELETING")
OTHER = replace(GROUP, name="other", nodes=(replace(NODE, instance_id="i-1"),))
REDUCED = replace(OTHER, leaving=(replace(NODE, instance_id="i-2"),))


def test_nodes_that_leave_have_as_long_as_eks_gives_them() -> None:
    two = {NODE.instance_id: Limit(300), "i-2": Limit(900)}
    assert drain_limits(with_groups(DELETED, REDUCED)) == two
    strict = drain_limits(with_groups(replace(REDUCED, must_drain=True)))
    assert strict == {"i-2": Limit(900, strict=True)}
    assert drain_limits(with_groups(GROUP)) == {}


@pytest.mark.parametrize(
    ("groups", "drained"),
    [((DELETED, OTHER), True), ((DELETED,), False), ((OTHER,), False)],
    ids=["another node stays", "no node stays", "its instance is gone"],
)
def test_a_node_is_drained_while_another_can_take_its_pods(
    groups: tuple[Nodegroup, ...], drained: bool
) -> None:
    called: list[str] = []
    leaves: Any = SimpleNamespace(
        stop=lambda: called.append("stop"), leave=lambda drain: called.append("leave"),
        state=State.RUNNING, processes=Processes(True),
    )  # fmt: skip
    stays: Any = SimpleNamespace(want=lambda features: None, stay=lambda: None, state=None)
    nodes: Any = Nodegroups.__new__(Nodegroups)
    nodes._runners = {NODE.instance_id: leaves} | ({"i-1": stays} if OTHER in groups else {})
    nodes._plane = SimpleNamespace(api=None)
    nodes._applied = {"i-1": LabelsAndTaints(OTHER.labels, OTHER.taints)}
    nodes._nodes = SimpleNamespace(objects={})
    nodes.reconcile(with_groups(*groups), Features())
    assert called == ["leave" if drained else "stop"]
