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

DELETE_LIMIT = 5 * 60.0  # seconds that EKS gives each node of a group that is deleted
SCALE_LIMIT = 15 * 60.0  # seconds that it gives a node that is scaled away or replaced
RETRY_SECONDS = 1.0  # until an eviction that a disruption budget refused is tried again
MIRROR = "kubernetes.io/config.mirror"
log = logging.getLogger(__name__)


def pods_on(node: str) -> str:
    """The API path of the pods that are bound to a node."""
    return f"{manifests.collection_path('v1', 'Pod')}?fieldSelector=spec.nodeName%3D{node}"


def moves(pod: Manifest) -> bool:
    """Whether a pod is evicted: static pods and those of DaemonSets stay on their node."""
    metadata = pod["metadata"]
    owners = {owner["kind"] for owner in metadata.get("ownerReferences", [])}
    return "DaemonSet" not in owners and MIRROR not in metadata.get("annotations", {})


@dataclass(frozen=True)
class Limit:
    """How long (seconds) a node may take to be drained; `strict`: it does not end with pods on
    it."""

    seconds: float
    strict: bool = False


class Drain:
    """Drains one node, up to a limit, or until `give_up` is called, which `given_up` tells."""

    def __init__(self, api: Api, node: str, limit: Limit) -> None:
        self._api, self._node, self._limit = api, node, limit
        self._changed = threading.Event()
        self.given_up = False

    def give_up(self) -> None:
        """Make `run` return now."""
        self.given_up = True
        self._changed.set()

    def run(self) -> bool:
        """Cordon the node, evict its pods and wait until they are gone.

        Returns whether the node may end.
        """
        deadline = time.monotonic() + self._limit.seconds
        pods = Informer(self._api, pods_on(self._node), self._changed.set).start()
        while not self.given_up and (left := deadline - time.monotonic()) > 0:
            done = self._cordon()
            moving = [pod for _, pod in pods.items() if moves(pod)]
            if done and pods.listed and not moving:
                break
            done = all([done, *(self._evict(p) for p in moving)])
            self._changed.wait(left if done else min(left, RETRY_SECONDS))
            self._changed.clear()
        else:
            log.warning("node %s has pods that could not be evicted", self._node)
            done = not (self._limit.strict or self.given_up)
        pods.close()
        return done

    def _cordon(self) -> bool:
        path = manifests.path(manifest("v1", "Node", self._node))
        return self._did("PATCH", path, {"spec": {"unschedulable": True}}, "merge-patch+json")

    def _evict(self, pod: Manifest) -> bool:
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        if "deletionTimestamp" in pod["metadata"]:
            return True
        eviction = manifest("policy/v1", "Eviction", name, namespace)
        path = manifests.path(manifest("v1", "Pod", name, namespace))
        return self._did("POST", f"{path}/eviction", eviction)

    def _did(self, method: str, path: str, body: Any, kind: str = "json") -> bool:
        """Send a request; returns False if it has to be tried again, and True if it is done."""
        try:
            self._api.request(method, path, body, kind)
        except Unreachable:
            return False
        except ApiError as error:  # 429 when a disruption budget refuses an eviction
            return error.status == NOT_FOUND
        return True


def remove(api: Api, node: str) -> None:
    """Delete a node that has ended, and its pods, which no kubelet will delete any more."""
    api.delete(manifest("v1", "Node", node))
    for pod in api.request("GET", pods_on(node))["items"]:
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        api.delete(manifest("v1", "Pod", name, namespace), gracePeriodSeconds=0)
