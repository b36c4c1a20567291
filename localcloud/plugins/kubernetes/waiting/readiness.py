"""Waiting until an object is ready, and looking once whether it is."""

import time
from collections.abc import Mapping
from typing import Protocol

from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.discovery import Resource
from localcloud.plugins.kubernetes.errors import ApiError, NotReady
from localcloud.plugins.kubernetes.follow import Collection, Follow
from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.objects import Obj, name, namespace, pluck, uid
from localcloud.plugins.kubernetes.waiting.annotations import timeout
from localcloud.plugins.kubernetes.waiting.rule import Related, Rule, Verdict, View
from localcloud.plugins.kubernetes.waiting.rules import rule_of

OWN, EVENTS = "own", "events"
_EVENT = Kind("", "v1", "Event")
MOST_EVENTS = 3  # warnings of the cluster told with a failure


class Progress(Protocol):
    """Shows how a wait goes."""

    def __call__(self, message: str) -> None:
        """Replace the status shown beside the resource."""


def wait_ready(
    cluster: Cluster, resource: Resource, made: Obj, asked: float, progress: Progress
) -> Obj:
    """The live object once it is ready; `asked`: seconds of customTimeouts, or 0.

    Raises NotReady when it cannot become so, when the time is over or when the engine cancels.
    """
    rule = rule_of(resource.kind, made)
    if not rule.related(made) and rule.judge(View(made)).ready:
        return made
    wait = _Wait(cluster, resource, made, rule, progress)
    return wait.until(timeout(made, asked, rule.timeout))


def probe(cluster: Cluster, resource: Resource, live: Obj) -> Verdict:
    """What the rule says of an object now, by listing once."""
    rule = rule_of(resource.kind, live)
    others = {}
    for key, item in _collections(cluster, live, rule.related(live)).items():
        try:
            others[key] = cluster.client.get(item.path, item.query()).get("items") or []
        except ApiError:  # what we may not list counts as empty, as in a wait
            others[key] = []
    return rule.judge(View(live, others))


class _Wait:
    """One wait: what it watches, what it last saw and what the cluster's events said."""

    def __init__(
        self, cluster: Cluster, resource: Resource, made: Obj, rule: Rule, progress: Progress
    ) -> None:
        self.cluster, self.made, self.rule, self.progress = cluster, made, rule, progress
        related = {**rule.related(made), EVENTS: _events_of(made)}
        own = Collection(resource.collection(namespace(made)), fields=f"metadata.name={name(made)}")
        self.collections = {OWN: own, **_collections(cluster, made, related)}
        self.live = made
        self.verdict = Verdict(False)
        self.old_events: set[tuple[str, int]] | None = None
        self.warnings: list[str] = []

    def until(self, limit: float) -> Obj:
        """Watch for at most `limit` seconds."""
        last = time.monotonic()
        ends = last + limit
        client, cancelled = self.cluster.client, self.cluster.cancelled
        with Follow(client, self.collections) as follow, cancelled.calling(follow.wake):
            while True:
                settles = min(ends, last + self.verdict.quiet) if self.verdict.quiet else ends
                if follow.changed(settles - time.monotonic()):
                    last = time.monotonic()
                elif settles < ends and time.monotonic() >= settles:
                    return self.live
                if cancelled.is_set():
                    raise self._failed("was cancelled while waiting to be Ready")
                if follow.listed():
                    self._look({key: follow.objects(key) for key in self.collections})
                if self.verdict.ready:
                    return self.live
                if self.verdict.failed:
                    raise self._failed(f"failed: {self.verdict.message}")
                if time.monotonic() >= ends:
                    raise self._failed(f"timed out waiting to be Ready ({limit:g} s)")

    def _look(self, objects: Mapping[str, list[Obj]]) -> None:
        own = next((item for item in objects[OWN] if uid(item) == uid(self.made)), None)
        if own is None:
            self.verdict = Verdict(False, "deleted while it was waited for", failed=True)
            return
        generation = pluck(self.made, "metadata", "generation", default=0)
        if pluck(own, "metadata", "generation", default=0) < generation:
            return  # not yet what was just applied
        self.live = own
        self.verdict = self.rule.judge(View(own, objects))
        self._hear(objects[EVENTS])
        said = [*self.verdict.problems, *self.warnings]
        self.progress(": ".join([self.verdict.message, *said[:1]]))

    def _hear(self, events: list[Obj]) -> None:
        """Keep the newest warnings, of this change only."""
        if self.old_events is None:
            new = pluck(self.made, "metadata", "generation", default=1) <= 1
            self.old_events = set() if new else {_seen(event) for event in events}
        fresh = [
            event
            for event in events
            if event.get("type") == "Warning" and _seen(event) not in self.old_events
        ]
        fresh.sort(key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "")
        texts = [f"{event.get('reason')}: {event.get('message')}" for event in fresh]
        self.warnings = list(dict.fromkeys(texts))[-MOST_EVENTS:]

    def _failed(self, what: str) -> NotReady:
        reasons = list(dict.fromkeys([*self.verdict.problems, *self.warnings]))
        return NotReady(f"{name(self.made)!r} {what}", self.live, reasons)


def _collections(
    cluster: Cluster, obj: Obj, related: Mapping[str, Related]
) -> dict[str, Collection]:
    inside = namespace(obj)
    return {
        key: Collection(
            cluster.find(item.kind).collection(inside), item.labels, item.fields, optional=True
        )
        for key, item in related.items()
    }


def _events_of(obj: Obj) -> Related:
    return Related(_EVENT, fields=f"involvedObject.uid={uid(obj)}")


def _seen(event: Obj) -> tuple[str, int]:
    return uid(event), int(event.get("count") or 1)
