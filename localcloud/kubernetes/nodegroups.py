"""The nodes of a cluster's node groups."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from localcloud.aws.eks.records import Cluster, Node, Nodegroup, Taint
from localcloud.kubernetes import manifests
from localcloud.kubernetes.api import CONFLICT, ApiError
from localcloud.kubernetes.control_plane import ControlPlane
from localcloud.kubernetes.informer import Informer
from localcloud.kubernetes.manifests import Manifest, manifest
from localcloud.kubernetes.node import drain
from localcloud.kubernetes.node.files import write_files
from localcloud.kubernetes.node.labels import labels_of, patch, ready
from localcloud.kubernetes.node.machine import Machine
from localcloud.kubernetes.node.plan import Features, NodePlan
from localcloud.kubernetes.node.runner import NodeRunner, State
from localcloud.kubernetes.surroundings import Surroundings
from localcloud.paths import HOSTS
from localcloud.supervisor import Supervised

END_TIMEOUT = 15.0  # seconds for all nodes to end with their cluster
Marks = tuple[Mapping[str, str], Sequence[Taint]]  # labels and taints


class Nodegroups:
    """Starts and ends nodes as the records say; `wake` is called after each step of a node."""

    def __init__(self, around: Surroundings, plane: ControlPlane, wake: Callable[[], None]) -> None:
        self._around = around
        self._plane = plane
        self._wake = wake
        self._runners: dict[str, NodeRunner] = {}
        self._marks: dict[str, Marks] = {}
        path = manifests.collection_path("v1", "Node")
        self._nodes = Informer(plane.api, path, wake).start()

    def all_have(self, features: Features, allow_failed: bool = False) -> bool:
        """Whether every node, but failed ones if allowed, works with exactly these features."""
        runners = self._runners.values()
        return all(r.has(features) or (allow_failed and r.failure) for r in runners)

    @property
    def count(self) -> int:
        return len(self._runners)

    def converge(self, cluster: Cluster, features: Features) -> None:
        """Start, end and change nodes as the record says; returns at once."""
        wanted = {
            node.instance_id: (group, node)
            for group in cluster.nodegroups
            if group.status != "DELETING"
            for node in group.nodes
        }
        # No drain if no node stays: the pods have nowhere to go (EKS waits until its limit).
        limits = drain_limits(cluster) if wanted else {}
        for instance_id, runner in list(self._runners.items()):
            if instance_id not in wanted:
                self._end(instance_id, runner, limits.get(instance_id))
        for instance_id, (group, node) in wanted.items():
            found = self._runners.get(instance_id)
            if found:
                found.want(features)
                self._mark(group, node)
            else:
                self._start(cluster, group, node, features)

    def _start(self, cluster: Cluster, group: Nodegroup, node: Node, features: Features) -> None:
        netns = self._around.network.host(node.instance_id)
        if netns is None:
            return  # the network reconciler causes another call when the host is up
        around, plane = self._around, self._plane
        plan = node_plan(around, cluster, group, node, plane.internal_url, netns)
        supervised = Supervised(around.supervisor, self._wake)
        machine = Machine(
            plan, around.programs, around.machine_image, supervised,
            lambda: write_files(
                plan, plane.credentials, around.tools.cni,
                around.store.instance_credentials(node.instance_id),
            ),
        )  # fmt: skip
        self._marks[node.instance_id] = (group.labels, group.taints)
        self._runners[node.instance_id] = NodeRunner(machine, features, self._wake)

    def _end(self, instance_id: str, runner: NodeRunner, limit: float | None) -> None:
        api, name = self._plane.api, runner.machine.plan.name
        runner.stop(drain.Drain(api, name, limit) if limit else None)
        if runner.state is State.STOPPED:
            drain.remove(api, name)
            del self._runners[instance_id]
            del self._marks[instance_id]

    def _mark(self, group: Nodegroup, node: Node) -> None:
        """Patch a running node with the present labels and taints of its group."""
        before, after = self._marks[node.instance_id], (group.labels, group.taints)
        item = self._node(node)
        if before == after or item is None:
            return
        path = manifests.path(manifest("v1", "Node", node.dns_name))
        try:
            self._plane.api.request(
                "PATCH", path, patch(item, before, after), kind="merge-patch+json"
            )
        except ApiError as error:
            if error.status != CONFLICT:  # the node has changed, so the informer calls `wake`
                raise
            return
        self._marks[node.instance_id] = after

    def _node(self, node: Node) -> Manifest | None:
        return self._nodes.objects.get(node.dns_name)

    def report(self, cluster: Cluster) -> None:
        """Report the groups that are ready, have failed, or are gone."""
        for group in cluster.nodegroups:
            for node in group.leaving:
                if node.instance_id not in self._runners:
                    self._around.store.node_gone(cluster.name, group.name, node.instance_id)
            if group.status == "DELETING":
                self._report_gone(cluster, group)
            elif failure := self._failure(group):
                if group.status not in ("CREATE_FAILED", "DEGRADED"):
                    self._around.store.nodegroup_failed(cluster.name, group.name, failure)
            elif group.status != "ACTIVE" and all(map(self._works, group.nodes)):
                # With the ids the store recognises a report about earlier nodes.
                ids = [node.instance_id for node in group.nodes]
                marks = (group.labels, group.taints)
                if all(self._marks[instance_id] == marks for instance_id in ids):
                    self._around.store.nodegroup_ready(cluster.name, group.name, ids)

    def _report_gone(self, cluster: Cluster, group: Nodegroup) -> None:
        nodes = (*group.nodes, *group.leaving)
        if not any(node.instance_id in self._runners for node in nodes):
            self._around.store.nodegroup_gone(cluster.name, group.name)

    def _failure(self, group: Nodegroup) -> str | None:
        runners = (self._runners.get(node.instance_id) for node in group.nodes)
        return next((r.failure for r in runners if r and r.failure), None)

    def _works(self, node: Node) -> bool:
        runner = self._runners.get(node.instance_id)
        running = runner is not None and runner.state is State.STARTED and not runner.failure
        return running and ready(self._node(node))

    def close(self) -> None:
        """End every node."""
        self._nodes.close()
        for runner in self._runners.values():
            runner.stop()
        for runner in self._runners.values():
            runner.join(END_TIMEOUT)


def drain_limits(cluster: Cluster) -> dict[str, float]:
    """The time limit (seconds) of the drain of each leaving node, by instance id."""
    limits: dict[str, float] = {}
    for group in cluster.nodegroups:
        limits |= {node.instance_id: drain.SCALE_LIMIT for node in group.leaving}
        if group.status == "DELETING":
            limits |= {node.instance_id: drain.DELETE_LIMIT for node in group.nodes}
    return limits


def node_plan(
    around: Surroundings,
    cluster: Cluster,
    group: Nodegroup,
    node: Node,
    api_url: str,
    netns: Path,
) -> NodePlan:
    """The plan of a node, from the records and the cloud."""
    return NodePlan(
        cluster=cluster.name,
        name=node.dns_name,
        instance_id=node.instance_id,
        private_ip=node.private_ip,
        zone=node.zone,
        pod_prefix=node.pod_prefix,
        labels=labels_of(group, node),
        taints=group.taints,
        service_cidr=cluster.service_cidr,
        api_url=api_url,
        netns=netns,
        folder=around.paths.clusters / cluster.name / "nodes" / node.instance_id,
        logs=around.paths.logs,
        hosts=HOSTS / node.instance_id,
        cgroup=f"{around.paths.cgroup}/{cluster.name}/{node.instance_id}",
    )
