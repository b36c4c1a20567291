"""The nodes of a cluster's node groups: starts, changes, drains and ends them, and reports.

The nodes that a node group must give up are in its list `leaving`. A node group that is deleted
gives up all of its nodes. The thread of a node's NodeRunner drains it (node/drain.py) and ends its
processes. Then its Node is deleted, and `node_gone` of the store terminates the instance.
"""

import threading
from collections.abc import Callable
from pathlib import Path

from localcloud.aws.eks.snapshots import Cluster, Node, Nodegroup
from localcloud.kubernetes import manifests
from localcloud.kubernetes.api import CONFLICT, ApiError
from localcloud.kubernetes.context import ClusterContext
from localcloud.kubernetes.control_plane import ControlPlane
from localcloud.kubernetes.informer import Informer
from localcloud.kubernetes.manifests import Manifest, manifest
from localcloud.kubernetes.node import drain
from localcloud.kubernetes.node.files import write_files
from localcloud.kubernetes.node.kubelet import provider_id
from localcloud.kubernetes.node.labels import LabelsAndTaints, labels_of, patch, ready
from localcloud.kubernetes.node.plan import Features, NodePlan
from localcloud.kubernetes.node.processes import NodeProcesses
from localcloud.kubernetes.node.runner import NodeRunner, State
from localcloud.paths import HOSTS
from localcloud.supervisor import Supervised

END_TIMEOUT = 15.0  # seconds for all nodes to end with their cluster
JOIN_LIMIT = 15 * 60.0  # seconds for a new node to become ready
EXCLUDE_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"


class Nodegroups:
    """Starts and ends nodes as the records say; calls `wake` after each step of a node.

    `_applied` are the labels and taints that nodes have from their group, by instance id.
    """

    def __init__(
        self, context: ClusterContext, plane: ControlPlane, wake: Callable[[], None]
    ) -> None:
        self._context = context
        self._plane = plane
        self._wake = wake
        self._runners: dict[str, NodeRunner] = {}
        self._applied: dict[str, LabelsAndTaints] = {}
        path = manifests.collection_path("v1", "Node")
        self._nodes = Informer(plane.api, path, wake).start()

    def all_have(self, features: Features, allow_failed: bool = False) -> bool:
        """Whether every node works with exactly these features.

        Nodes that are ending are ignored, failed ones as well if `allow_failed`.
        """
        runners = self._runners.values()
        return all(r.has(features) or (allow_failed and r.failure) for r in runners)

    @property
    def count(self) -> int:
        """The number of nodes, also of those that start or end."""
        return len(self._runners)

    def reconcile(self, cluster: Cluster, features: Features) -> None:
        """Start, end and change nodes as the record says; returns at once."""
        wanted = {
            node.instance_id: (group, node)
            for group in cluster.nodegroups
            if group.status != "DELETING"
            for node in group.nodes
        }
        self._end_others(cluster, set(wanted))
        for instance_id, (group, node) in wanted.items():
            found = self._runners.get(instance_id)
            if found and found.state is State.STOPPED:  # it has ended: start a new one
                self._end(instance_id, found, None)
                found = None
            if found:
                found.stay()
                found.want(features)
                self._patch_labels_and_taints(group, node)
            else:
                self._start(cluster, group, node, features)

    def _end_others(self, cluster: Cluster, wanted: set[str]) -> None:
        """End the nodes that are not wanted any more: after a drain those that a record still has
        (`leaving`, or of a group that is deleted), at once those whose instance has ended."""
        # If no node stays, the pods have nowhere to go: no drain (EKS waits until its time limit).
        limits = drain_limits(cluster) if wanted else {}
        for group in cluster.nodegroups:
            for node in group.leaving:
                if node.cordoned and node.instance_id in self._runners:
                    self._patch_labels_and_taints(group, node)
        for instance_id, runner in list(self._runners.items()):
            if instance_id not in wanted:
                self._end(instance_id, runner, limits.get(instance_id))

    def _start(self, cluster: Cluster, group: Nodegroup, node: Node, features: Features) -> None:
        netns = self._context.network.host(node.instance_id)
        if netns is None:
            return  # this is called again when the network reconciler has made the host
        if any(runner.processes.plan.name == node.dns_name for runner in self._runners.values()):
            return  # an ended instance had this address: first its Node is deleted
        context, plane = self._context, self._plane
        plan = node_plan(context, cluster, group, node, plane.internal_url, netns)
        supervised = Supervised(context.supervisor, self._wake)
        processes = NodeProcesses(
            plan, context.programs, context.preloaded_images, supervised,
            lambda: write_files(
                plan, plane.credentials, context.tools.cni,
                context.store.instance_credentials(node.instance_id),
            ),
        )  # fmt: skip
        self._applied[node.instance_id] = LabelsAndTaints(group.labels, group.taints)
        self._runners[node.instance_id] = NodeRunner(processes, features, self._wake)
        timer = threading.Timer(JOIN_LIMIT + 1, self._wake)  # for `_failure`
        timer.daemon = True
        timer.start()

    def _end(self, instance_id: str, runner: NodeRunner, limit: drain.Limit | None) -> None:
        """End a node, after a drain if it has a limit; delete its Node once it has ended."""
        api, plan = self._plane.api, runner.processes.plan
        if limit:
            runner.leave(drain.Drain(api, plan.name, limit))
        else:
            runner.stop()
        if runner.state is State.STOPPED:
            drain.remove(api, plan)
            del self._runners[instance_id]
            del self._applied[instance_id]

    def _patch_labels_and_taints(self, group: Nodegroup, node: Node) -> None:
        """Patch a node with the present labels and taints of its group, and cordon it if needed."""
        before, after = self._applied[node.instance_id], labels_and_taints(group, node)
        item = self._node(node)
        if before == after or item is None:
            return
        path = manifests.path(manifest("v1", "Node", node.dns_name))
        try:
            self._plane.api.request(
                "PATCH", path, patch(item, before, after), kind="merge-patch+json"
            )
        except ApiError as error:
            if error.status != CONFLICT:
                raise
            return  # the node has changed meanwhile: the informer calls `wake`
        self._applied[node.instance_id] = after

    def _node(self, node: Node) -> Manifest | None:
        """The Node of an instance; not that of a former one, with the same address."""
        item = self._nodes.objects.get(node.dns_name)
        own = provider_id(node.zone, node.instance_id)
        return item if item and item["spec"].get("providerID") == own else None

    def report(self, cluster: Cluster) -> None:
        """Report groups that are ready, failed or gone, and nodes that are gone or `stuck`."""
        for group in cluster.nodegroups:
            for node in group.leaving:
                runner = self._runners.get(node.instance_id)
                if runner is None:
                    self._context.store.node_gone(cluster.name, group.name, node.instance_id)
                elif runner.stuck:
                    self._context.store.node_stays(cluster.name, group.name, node.instance_id)
            if group.status == "DELETING":
                self._report_gone(cluster, group)
            elif failure := self._failure(group):
                if group.status not in ("CREATE_FAILED", "DEGRADED"):
                    self._context.store.nodegroup_failed(cluster.name, group.name, failure)
            elif group.status != "ACTIVE" and all(
                self._as_wanted(group, n) for n in current_nodes(group)
            ):
                # The ids let the store ignore a report about earlier nodes.
                ids = [node.instance_id for node in group.nodes]
                self._context.store.nodegroup_ready(cluster.name, group.name, ids)

    def _report_gone(self, cluster: Cluster, group: Nodegroup) -> None:
        nodes = (*group.nodes, *group.leaving)
        if not any(node.instance_id in self._runners for node in nodes):
            self._context.store.nodegroup_gone(cluster.name, group.name)

    def _failure(self, group: Nodegroup) -> str | None:
        """Why a node of a group does not work, or has not joined in time."""
        found = [(node, self._runners.get(node.instance_id)) for node in current_nodes(group)]
        for node, runner in found:
            if runner and runner.failure:
                return runner.failure
            if runner and not self._joined(node, runner) and runner.age > JOIN_LIMIT:
                return f"Instances failed to join the kubernetes cluster: {node.instance_id}"
        return None

    def _joined(self, node: Node, runner: NodeRunner) -> bool:
        """Whether a node is ready or was so before."""
        runner.joined = runner.joined or ready(self._node(node))
        return runner.joined

    def _as_wanted(self, group: Nodegroup, node: Node) -> bool:
        """Whether a node works, with the labels and taints of its group."""
        runner = self._runners.get(node.instance_id)
        if runner is None or runner.state is not State.RUNNING or runner.failure:
            return False
        applied = self._applied[node.instance_id]
        return ready(self._node(node)) and applied == labels_and_taints(group, node)

    def close(self) -> None:
        """End every node."""
        self._nodes.close()
        for runner in self._runners.values():
            runner.stop()
        for runner in self._runners.values():
            runner.join(END_TIMEOUT)


def current_nodes(group: Nodegroup) -> list[Node]:
    """The nodes of a group that no version update is about to replace."""
    return [node for node in group.nodes if not node.outdated]


def labels_and_taints(group: Nodegroup, node: Node) -> LabelsAndTaints:
    """Those that a node should have; as on EKS, load balancers exclude a cordoned node."""
    labels = {**group.labels, EXCLUDE_LABEL: "true"} if node.cordoned else group.labels
    return LabelsAndTaints(labels, group.taints, node.cordoned)


def drain_limits(cluster: Cluster) -> dict[str, drain.Limit]:
    """The limit of the drain of each node that leaves, by instance id."""
    limits: dict[str, drain.Limit] = {}
    for group in cluster.nodegroups:
        scaled = drain.Limit(drain.SCALE_LIMIT, strict=group.must_drain)
        limits |= {node.instance_id: scaled for node in group.leaving}
        if group.status == "DELETING":
            deleted = drain.Limit(drain.DELETE_LIMIT)
            limits |= {node.instance_id: deleted for node in (*group.nodes, *group.leaving)}
    return limits


def node_plan(
    context: ClusterContext,
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
        version=node.version,
        instance_id=node.instance_id,
        private_ip=node.private_ip,
        zone=node.zone,
        pod_prefix=node.pod_prefix,
        labels=labels_of(group, node),
        taints=group.taints,
        service_cidr=cluster.service_cidr,
        api_url=api_url,
        netns=netns,
        folder=context.paths.clusters / cluster.name / "nodes" / node.instance_id,
        logs=context.paths.logs,
        hosts=HOSTS / node.instance_id,
        cgroup=f"{context.paths.cgroup}/{cluster.name}/{node.instance_id}",
    )
