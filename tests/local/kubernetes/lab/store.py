"""EKS records in memory, changed by the tests and reported on by the reconciler."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from localcloud.aws.eks.records import AccessEntry, AccessPolicy, Addon, Cluster, Node, Nodegroup
from localcloud.changes import Changes


class MemoryStore:
    """One cluster at most; `reports` are the calls of the reconciler with their arguments."""

    service_account_annotations: Callable[[str, str, str], Mapping[str, str]]

    def __init__(self, changes: Changes) -> None:
        self.record: Cluster | None = None
        self.reports: list[tuple[str, ...]] = []
        self._changes = changes
        self._condition = threading.Condition()

    def clusters(self) -> list[Cluster]:
        return [self.record] if self.record else []

    def cluster(self, name: str) -> Cluster | None:
        return self.record if self.record and self.record.name == name else None

    def change(self, **fields: Any) -> None:
        """What a call of the EKS API would do to the record."""
        with self._condition:
            assert self.record
            self.record = replace(self.record, **fields)
        self._changes.notify("eks")

    def told(self, report: str) -> list[tuple[str, ...]]:
        """The reports of one kind."""
        return [one for one in self.reports if one[0] == report]

    def wait_for(self, told: Callable[[Cluster | None], bool], timeout: float) -> None:
        with self._condition:
            if not self._condition.wait_for(lambda: told(self.record), timeout):
                raise TimeoutError(f"{[report[:2] for report in self.reports]} after {timeout} s")

    def _report(self, *report: str, **fields: Any) -> None:
        with self._condition:
            self.reports.append(report)
            if self.record:
                self.record = replace(self.record, **fields)
            self._condition.notify_all()
        self._changes.notify("eks")

    def cluster_ready(self, name: str, endpoint: str, ca_pem: str) -> None:
        self._report("cluster_ready", endpoint, ca_pem, status="ACTIVE")

    def cluster_failed(self, name: str, reason: str) -> None:
        self._report("cluster_failed", reason)

    def cluster_gone(self, name: str) -> None:
        with self._condition:
            self.record = None
        self._report("cluster_gone")

    def groups(self, name: str, status: str) -> tuple[Nodegroup, ...]:
        """The node groups, with another status of one."""
        assert self.record
        groups = [
            replace(g, status=status) if g.name == name else g for g in self.record.nodegroups
        ]
        return tuple(group for group in groups if group.status != "GONE")

    def nodegroup_ready(
        self, cluster: str, nodegroup: str, nodes: Sequence[str] | None = None
    ) -> None:
        groups = self.groups(nodegroup, "ACTIVE")
        self._report("nodegroup_ready", nodegroup, nodegroups=groups)

    def nodegroup_failed(self, cluster: str, nodegroup: str, reason: str) -> None:
        groups = self.groups(nodegroup, "DEGRADED")
        self._report("nodegroup_failed", nodegroup, reason, nodegroups=groups)

    def node_gone(self, cluster: str, nodegroup: str, instance_id: str) -> None:
        groups = [
            replace(g, leaving=tuple(n for n in g.leaving if n.instance_id != instance_id))
            for g in self.groups(nodegroup, "ACTIVE")
        ]
        self._report("node_gone", instance_id, nodegroups=tuple(groups))

    def nodegroup_gone(self, cluster: str, nodegroup: str) -> None:
        self._report("nodegroup_gone", nodegroup, nodegroups=self.groups(nodegroup, "GONE"))

    def _addons(self, name: str, status: str) -> tuple[Addon, ...]:
        assert self.record
        addons = [replace(a, status=status) if a.name == name else a for a in self.record.addons]
        return tuple(addon for addon in addons if addon.status != "GONE")

    def addon_ready(self, cluster: str, addon: str) -> None:
        self._report("addon_ready", addon, addons=self._addons(addon, "ACTIVE"))

    def addon_failed(self, cluster: str, addon: str, reason: str) -> None:
        self._report("addon_failed", addon, reason, addons=self._addons(addon, "CREATE_FAILED"))

    def addon_gone(self, cluster: str, addon: str) -> None:
        self._report("addon_gone", addon, addons=self._addons(addon, "GONE"))

    def data_key(self, cluster: str) -> bytes:
        return bytes(range(32))

    def instance_credentials(self, instance_id: str) -> tuple[str, str, str]:
        return "AKIDLAB", "secret", "token"

    def delete_addon(self, name: str) -> None:
        """DeleteAddon."""
        self.change(addons=self._addons(name, "DELETING"))

    def create_addon(self, name: str, configuration: dict[str, object]) -> None:
        """CreateAddon."""
        assert self.record
        text = json.dumps(configuration)
        self.change(addons=(*self.record.addons, Addon(name, "v1", "CREATING", text)))


def node(number: int) -> Node:
    """The node `number` of the lab, in the zone of that number."""
    zone = "ab"[number - 1]
    return Node(
        instance_id=f"i-{number:017x}",
        dns_name=f"ip-10-0-{number}-10.eu-west-1.compute.internal",
        private_ip=f"10.0.{number}.10",
        zone=f"eu-west-1{zone}",
        region="eu-west-1",
        instance_type="t3.medium",
        pod_prefix=f"10.0.{number}.16/28",
    )


def nodegroup(*nodes: Node) -> Nodegroup:
    """A node group as it is made."""
    return Nodegroup("workers", "CREATING", "ON_DEMAND", {"team": "a"}, (), nodes)


def access_entry(*namespaces: str) -> AccessEntry:
    """Someone who may look at these namespaces."""
    policy = AccessPolicy("AmazonEKSViewPolicy", namespaces)
    return AccessEntry("arn:aws:iam::1:role/r", "someone", (), (policy,), "STANDARD")
