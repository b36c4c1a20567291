"""The account's clusters: the API operations write them, KubernetesReconciler reads and reports."""

import base64
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from localcloud.aws import propagation
from localcloud.aws.eks import encryption, issues, logs, network, nodes, reader, rolling, updates
from localcloud.aws.eks.snapshots import Cluster
from localcloud.aws.eks.state import ClusterState, NodegroupState, find, no_cluster, now
from localcloud.changes import Changes

LogFiles = Callable[[str], logs.Files]
Annotations = Callable[[str, str, str], Mapping[str, str]]


def _no_annotations(cluster: str, namespace: str, name: str) -> Mapping[str, str]:
    raise LookupError(
        f"no API server to read service accounts from yet ({cluster}, {namespace}/{name})"
    )


class Store:
    """`lock` guards `states`; the methods for KubernetesReconciler take it themselves.

    `service_account_annotations(cluster, namespace, name)` returns the annotations of a service
    account, or raises LookupError if there is none; `log_files(cluster)` returns the log
    file of each type that a program writes. The reconciler sets both.
    """

    def __init__(self, lock: "threading.RLock", changes: Changes) -> None:
        self.lock = lock
        self.states: dict[str, ClusterState] = {}
        self.service_account_annotations: Annotations = _no_annotations
        self.log_files: LogFiles = lambda cluster: {}
        self._last_events: list[tuple[datetime, ClusterState, list[logs.Event]]] = []
        self._changes = changes

    def state(self, name: str, region: str | None = None) -> ClusterState:
        """Raises ResourceNotFoundException."""
        state = find(self.states, name)
        if region and state.region != region:
            raise no_cluster(name)
        return state

    def clusters(self) -> list[Cluster]:
        """Snapshots of all clusters."""
        with self.lock:
            return [reader.cluster(state) for state in self.states.values()]

    def cluster(self, name: str) -> Cluster | None:
        """A snapshot of one cluster, or None."""
        with self.lock:
            state = self.states.get(name)
            return reader.cluster(state) if state else None

    def cluster_ready(self, name: str, endpoint: str, ca_pem: str) -> None:
        """The cluster serves as its record specifies: CREATING or UPDATING becomes ACTIVE."""
        with self._changing(name) as state:
            record = state.record
            record["endpoint"] = endpoint
            record["certificateAuthority"] = {"data": base64.b64encode(ca_pem.encode()).decode()}
            if record["status"] in ("CREATING", "UPDATING"):
                record["status"] = "ACTIVE"
                record["version"], state.upgrade = state.upgrade or record["version"], ""
                updates.finish(state.updates)

    def cluster_failed(self, name: str, reason: str) -> None:
        """The cluster cannot be created or updated: FAILED, or ACTIVE with a failed update."""
        self.cluster_health(name, reason)
        with self._changing(name) as state:
            if state.record["status"] == "CREATING":
                state.record["status"] = "FAILED"
            elif state.record["status"] == "UPDATING":
                state.record["status"], state.upgrade = "ACTIVE", ""
                updates.finish(state.updates, reason)

    def cluster_health(self, name: str, failure: str | None) -> None:
        """Record why the control plane does not keep running; None: it runs again."""
        issue = {"code": "InternalFailure", "message": failure, "resourceIds": [name]}
        with self._changing(name) as state:
            state.record["health"] = {"issues": [issue] if failure else []}

    def cluster_gone(self, name: str) -> None:
        """Nothing of the cluster runs any more: its record is deleted."""
        with self._changing(name) as state:
            network.remove(state)
            # EKS delivers the last events some seconds after the cluster is gone.
            self._last_events.append((now(), state, logs.collect(state, self.log_files(name))))
            del self.states[name]

    def skip_old_logs(self, state: ClusterState) -> None:
        """Skip what an earlier cluster of the same name has left in the log files."""
        for type_, file in self.log_files(state.name).items():
            state.log_offsets[type_] = file.stat().st_size if file.exists() else 0

    def deliver_logs(self) -> None:
        """Bring every control plane log in CloudWatch Logs up to date."""
        with self.lock:
            for state in self.states.values():
                logs.deliver(state, logs.collect(state, self.log_files(state.name)))
            for last in list(self._last_events):
                ended, state, events = last
                if propagation.in_effect(ended):
                    logs.deliver(state, events)
                    self._last_events.remove(last)

    def nodegroup_ready(
        self, cluster: str, nodegroup: str, ready: Sequence[str] | None = None
    ) -> None:
        """All nodes of the group are Ready with its labels and taints.

        `ready` are the ids of the instances with these nodes; a report that differs from the
        group's present instances is outdated and ignored.
        """
        with self._changing(cluster) as state:
            group = state.nodegroups.get(nodegroup)
            if group is None or (ready is not None and set(ready) != set(group.instances)):
                return
            nodes.advance(state, group)

    def nodegroup_failed(self, cluster: str, nodegroup: str, reason: str) -> None:
        """The nodes of the group cannot be started."""
        with self._changing(cluster) as state:
            group = state.nodegroups.get(nodegroup)
            if group:
                issues.fail(group, "NodeCreationFailure", reason, list(group.instances))
                nodes.converge(state, group)
        self._changes.notify("ec2")

    def node_stays(self, cluster: str, nodegroup: str, instance_id: str) -> None:
        """The pods of one of the `leaving` nodes cannot be evicted: the version update fails.

        The error is EKS's own, as in github.com/aws/containers-roadmap/issues/1282.
        """
        with self._changing(cluster) as state:
            group = state.nodegroups.get(nodegroup)
            if group and group.before is not None and instance_id in group.leaving:
                rolling.roll_back(group)
                name = reader.dns_name(state.region, instance_id)
                reason = "Reached max retries while trying to evict pods from nodes in node group "
                updates.finish(group.updates, reason + nodegroup, "PodEvictionFailure", (name,))
                nodes.converge(state, group)
        self._changes.notify("ec2")

    def node_gone(self, cluster: str, nodegroup: str, instance_id: str) -> None:
        """One of the `leaving` nodes has left the cluster: its instance is terminated."""
        with self._changing(cluster) as state:
            group = state.nodegroups.get(nodegroup)
            if group and instance_id in group.leaving:
                nodes.end_instances(state, group, [instance_id])
                nodes.converge(state, group)
        self._changes.notify("ec2")

    def nodegroup_gone(self, cluster: str, nodegroup: str) -> None:
        """The nodes of a DELETING group have left: its instances and record are deleted."""
        with self._changing(cluster) as state:
            group = state.nodegroups.get(nodegroup)
            if group and group.record["status"] == "DELETING":
                nodes.end(state, group)
                del state.nodegroups[nodegroup]
        self._changes.notify("ec2")

    def addon_ready(self, cluster: str, addon: str) -> None:
        """The add-on works as its record specifies."""
        with self._changing(cluster) as state:
            found = state.addons.get(addon)
            if found and found.record["status"] in ("CREATING", "UPDATING", "DEGRADED"):
                issues.settle(found.record, "ACTIVE")
                updates.finish(found.updates)

    def addon_failed(self, cluster: str, addon: str, code: str, reason: str) -> None:
        """The add-on cannot be installed or updated; `code` is that of its health issue."""
        with self._changing(cluster) as state:
            found = state.addons.get(addon)
            if found:
                failed = {"CREATING": "CREATE_FAILED", "UPDATING": "UPDATE_FAILED"}
                issue = {"code": code, "message": reason, "resourceIds": []}
                issues.settle(found.record, failed.get(found.record["status"], "DEGRADED"), [issue])
                updates.finish(found.updates, reason, code)

    def addon_degraded(self, cluster: str, addon: str, code: str, reason: str) -> None:
        """The add-on is installed and does not work, until `addon_ready` is called."""
        with self._changing(cluster) as state:
            found = state.addons.get(addon)
            if found and found.record["status"] in ("CREATING", "ACTIVE"):
                issue = {"code": code, "message": reason, "resourceIds": []}
                issues.settle(found.record, "DEGRADED", [issue])

    def addon_gone(self, cluster: str, addon: str) -> None:
        """Nothing of a DELETING add-on runs any more: its record is deleted."""
        with self._changing(cluster) as state:
            found = state.addons.get(addon)
            if found and found.record["status"] == "DELETING":
                del state.addons[addon]

    def data_key(self, cluster: str) -> bytes:
        """The key that encrypts a cluster's secrets (32 bytes), the same at every call.

        Raises LookupError for a cluster without `encryption_key`.
        """
        with self.lock:
            return encryption.data_key(self.state(cluster))

    def instance_credentials(self, instance_id: str) -> tuple[str, str, str]:
        """The credentials that an instance's metadata service would return: access key id, secret
        and session token. Raises LookupError for an instance without a role."""
        with self.lock:
            return nodes.credentials(instance_id)

    def cluster_credentials(self, cluster: str) -> tuple[str, str, str]:
        """A session of a cluster's role, as which EKS calls AWS for the cluster: access key id,
        secret and session token. Raises LookupError if the role is gone."""
        with self.lock:
            return nodes.cluster_credentials(self.state(cluster))

    def issues(self) -> list[tuple[str, str]]:
        """The health issues of clusters, node groups and add-ons: a name and a message each."""
        with self.lock:
            parts = []
            for name, state in self.states.items():
                parts.append((f"cluster {name}", state.record))
                groups, addons = state.nodegroups.items(), state.addons.items()
                parts += [(f"node group {name}/{n}", group.record) for n, group in groups]
                parts += [(f"add-on {name}/{n}", addon.record) for n, addon in addons]
            issues = [(name, i) for name, record in parts for i in record["health"]["issues"]]
            return [(name, str(issue["message"])) for name, issue in issues]

    def converge(self) -> bool:
        """Scale every node group to its desired size; whether anything changed."""
        with self.lock:
            # A list, as every group has to be scaled.
            return any([nodes.converge(state, group) for state, group in self._groups()])

    def _groups(self) -> Iterator[tuple[ClusterState, NodegroupState]]:
        for state in self.states.values():
            for group in state.nodegroups.values():
                yield state, group

    @contextmanager
    def _changing(self, name: str) -> Iterator[ClusterState]:
        """Hold the lock while a reconciler reports, and notify of what the report has changed.

        A report that changes nothing must not wake the reconciler that made it: it would loop.
        """
        with self.lock:
            before = self._statuses(name)
            try:
                yield find(self.states, name)
            finally:
                if self._statuses(name) != before:
                    self._changes.notify("eks")

    def _statuses(self, name: str) -> object:
        """What reconcilers read and may change of a cluster."""
        state = self.states.get(name)
        if state is None:
            return None
        groups = state.nodegroups.values()
        instances = [([*g.instances], [*g.leaving], [*g.cordoned]) for g in groups]
        statuses = [group.record["status"] for group in groups]
        statuses += [addon.record["status"] for addon in state.addons.values()]
        return state.record["status"], state.record.get("endpoint"), statuses, instances
