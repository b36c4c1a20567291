"""Waiting until an object is gone."""

import time

from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.discovery import Resource
from localcloud.plugins.kubernetes.errors import NotReady
from localcloud.plugins.kubernetes.follow import Collection, Follow
from localcloud.plugins.kubernetes.objects import Obj, name, namespace, pluck, uid
from localcloud.plugins.kubernetes.waiting.annotations import timeout
from localcloud.plugins.kubernetes.waiting.readiness import Progress
from localcloud.plugins.kubernetes.waiting.rule import TIMEOUT


def wait_deleted(
    cluster: Cluster, resource: Resource, old: Obj, asked: float, progress: Progress
) -> None:
    """Return once `old` (by uid) is gone; `asked`: seconds of customTimeouts, or 0.

    Raises NotReady when the time is over or the engine cancels, naming the finalizers that hold it.
    """
    limit = timeout(old, asked, TIMEOUT)
    ends = time.monotonic() + limit
    own = Collection(resource.collection(namespace(old)), fields=f"metadata.name={name(old)}")
    live, cancelled = old, cluster.cancelled
    with Follow(cluster.client, {"own": own}) as follow, cancelled.calling(follow.wake):
        while True:
            follow.changed(ends - time.monotonic())
            left = [item for item in follow.objects("own") if uid(item) == uid(old)]
            if follow.listed() and not left:
                return
            live = left[0] if left else live
            if cancelled.is_set():
                raise NotReady(f"the deletion of {name(old)!r} was cancelled", live, _held(live))
            if time.monotonic() >= ends:
                text = f"{name(old)!r} is still there after {limit:g} s"
                raise NotReady(text, live, _held(live))
            if left:
                progress("; ".join(["Waiting for deletion", *_held(live)]))


def _held(live: Obj) -> list[str]:
    """What keeps an object: its finalizers, and what a namespace says is left in it."""
    finalizers = [
        *pluck(live, "metadata", "finalizers", default=[]),
        *pluck(live, "spec", "finalizers", default=[]),
    ]
    said = [
        str(item.get("message"))
        for item in pluck(live, "status", "conditions", default=[])
        if item.get("status") == "True" and item.get("type", "").startswith("Namespace")
    ]
    return [f"finalizers hold it: {', '.join(finalizers)}", *said] if finalizers else said
