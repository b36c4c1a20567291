"""Drains a node before it ends, as EKS does, and deletes it from the API once it has ended."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from localcloud.kubernetes import manifests
from localcloud.kubernetes.api import NOT_FOUND, Api, ApiError, Unreachable
from localcloud.kubernetes.informer import Informer
from localcloud.kubernetes.manifests import Manifest, manifest
from localcloud.kubernetes.node.kubelet import provider_id
from localcloud.kubernetes.node.plan import NodePlan

DELETE_LIMIT = 5 * 60.0  # seconds that EKS gives each node of a group that is deleted
SCALE_LIMIT = 15 * 60.0  # seconds that it gives a node that is scaled away or replaced
RETRY_SECONDS = 1.0  # until an eviction that a disruption budget refused is tried again
MIRROR = "kubernetes.io/config.mirror"  # annotates static pods
log = logging.getLogger(__name__)


def pods_on(node: str) -> str:
    """The API path of the pods that are bound to a node."""
    return f"{manifests.collection_path('v1', 'Pod')}?fieldSelector=spec.nodeName%3D{node}"


def evictable(pod: Manifest) -> bool:
    """Whether a drain evicts a pod: static pods and those of DaemonSets stay on their node."""
    metadata = pod["metadata"]
    owners = {owner["kind"] for owner in metadata.get("ownerReferences", [])}
    return "DaemonSet" not in owners and MIRROR not in metadata.get("annotations", {})


@dataclass(frozen=True)
class Limit:
    """How many seconds a drain may take. A node that has pods left after that time stays if
    `strict`; otherwise it ends, and its pods with it."""

    seconds: float
    strict: bool = False


class Drain:
    """Drains one node, up to a limit."""

    def __init__(self, api: Api, node: str, limit: Limit) -> None:
        self._api, self._node, self._limit = api, node, limit
        self._changed = threading.Event()
        self.cancelled = False

    def cancel(self) -> None:
        """Make `run` return now."""
        self.cancelled = True
        self._changed.set()

    def run(self) -> bool:
        """Cordon the node, evict its pods and wait until they are gone.

        Returns whether the node may end: not if cancelled, nor if pods are left at a strict limit.
        """
        deadline = time.monotonic() + self._limit.seconds
        pods = Informer(self._api, pods_on(self._node), self._changed.set).start()
        while not self.cancelled and (left := deadline - time.monotonic()) > 0:
            cordoned = self._cordon()
            remaining = [pod for _, pod in pods.items() if evictable(pod)]
            if cordoned and pods.listed and not remaining:
                ends = True
                break
            accepted = all([cordoned, *(self._evict(pod) for pod in remaining)])
            self._changed.wait(left if accepted else min(left, RETRY_SECONDS))
            self._changed.clear()
        else:
            ends = not (self._limit.strict or self.cancelled)
            if not self.cancelled:
                log.warning("node %s has pods that could not be evicted", self._node)
        pods.close()
        return ends

    def _cordon(self) -> bool:
        path = manifests.path(manifest("v1", "Node", self._node))
        return self._succeeded("PATCH", path, {"spec": {"unschedulable": True}}, "merge-patch+json")

    def _evict(self, pod: Manifest) -> bool:
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        if "deletionTimestamp" in pod["metadata"]:
            return True
        eviction = manifest("policy/v1", "Eviction", name, namespace)
        path = manifests.path(manifest("v1", "Pod", name, namespace))
        return self._succeeded("POST", f"{path}/eviction", eviction)

    def _succeeded(self, method: str, path: str, body: Any, kind: str = "json") -> bool:
        """Send a request about an object that may be gone; False if it has to be sent again."""
        try:
            self._api.request(method, path, body, kind)
        except Unreachable:
            return False
        except ApiError as error:  # 429 when a disruption budget refuses an eviction
            return error.status == NOT_FOUND
        return True


def remove(api: Api, plan: NodePlan) -> None:
    """Delete a node that has ended, and its pods, which no kubelet will delete any more.

    A Node of this name with another provider ID is that of a new instance with the same address.
    """
    node = manifest("v1", "Node", plan.name)
    if found := api.get(manifests.path(node)):
        if found["spec"].get("providerID") != provider_id(plan.zone, plan.instance_id):
            return
        api.delete(node, preconditions={"uid": found["metadata"]["uid"]})
    for pod in api.request("GET", pods_on(plan.name))["items"]:
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        api.delete(manifest("v1", "Pod", name, namespace), gracePeriodSeconds=0)
