"""Following collections of the API server: list once, then watch, never poll.

A watch that the server ends is resumed at its last resourceVersion; one that is too old (410) is
listed anew, and what disappeared meanwhile is told as deleted.
"""

import json
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.plugins.kubernetes.client import Client, Stream
from localcloud.plugins.kubernetes.errors import ApiError, Unreachable
from localcloud.plugins.kubernetes.objects import Obj, pluck, uid
from localcloud.plugins.provider import ProviderError

RETRY = 0.5  # seconds before an API server that did not answer is tried again, doubled up to:
RETRY_MOST = 8.0


@dataclass(frozen=True, slots=True)
class Collection:
    """Which objects to follow: a collection's path and its selectors.

    `optional` ones may be forbidden to us: they then count as empty.
    """

    path: str
    labels: str = ""
    fields: str = ""
    optional: bool = False

    def query(self) -> dict[str, str]:
        """The selectors as a query."""
        both = {"labelSelector": self.labels, "fieldSelector": self.fields}
        return {key: value for key, value in both.items() if value}


class _Follower(threading.Thread):
    """Keeps `objects` (by uid) equal to one collection and puts a token into `sink` per change."""

    def __init__(self, client: Client, collection: Collection, sink: "queue.SimpleQueue[None]"):
        super().__init__(daemon=True)
        self.client, self.collection, self.sink = client, collection, sink
        self.objects: dict[str, Obj] = {}
        self.listed = threading.Event()
        self.error: ProviderError | None = None
        self._stopped = threading.Event()
        self._guard = threading.Lock()
        self._stream: Stream | None = None

    def run(self) -> None:
        delay = RETRY
        while not self._stopped.is_set():
            try:
                self._watch(self._list())
                delay = RETRY
            except Unreachable:
                self._stopped.wait(delay)
                delay = min(2 * delay, RETRY_MOST)
            except ProviderError as error:
                if self.collection.optional and isinstance(error, ApiError):
                    self.listed.set()
                else:
                    self.error = error
                self.sink.put(None)
                return

    def stop(self) -> None:
        self._stopped.set()
        with self._guard:
            if self._stream is not None:
                self._stream.close()

    def _list(self) -> str:
        answer = self.client.get(self.collection.path, self.collection.query())
        self.objects = {uid(item): item for item in answer.get("items") or []}
        self.listed.set()
        self.sink.put(None)
        return str(pluck(answer, "metadata", "resourceVersion", default="0"))

    def _watch(self, version: str) -> None:
        """Follow from `version` until stopped or too far behind (then the caller lists anew)."""
        while not self._stopped.is_set():
            query = {**self.collection.query(), "resourceVersion": version}
            try:
                stream = self.client.watch(self.collection.path, query)
            except ApiError as error:
                if error.code == 410:
                    return
                raise
            with self._guard:
                self._stream = stream
            if self._stopped.is_set():
                stream.close()
            for line in stream.lines():
                event = json.loads(line) if line.strip() else {}
                if event.get("type") == "ERROR":
                    if pluck(event, "object", "code") == 410:
                        return
                    raise ApiError(pluck(event, "object", "code", default=500), event["object"])
                version = self._take(event) or version

    def _take(self, event: Obj) -> str:
        obj = event.get("object") or {}
        if event.get("type") in ("ADDED", "MODIFIED"):
            self.objects = {**self.objects, uid(obj): obj}
        elif event.get("type") == "DELETED":
            self.objects = {key: old for key, old in self.objects.items() if key != uid(obj)}
        if event.get("type") != "BOOKMARK":
            self.sink.put(None)
        return str(pluck(obj, "metadata", "resourceVersion", default=""))


class Follow:
    """Several collections followed at once, by name; a context manager."""

    def __init__(self, client: Client, collections: Mapping[str, Collection]) -> None:
        self._client = client
        self._changes: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._followers = {
            name: _Follower(client, collection, self._changes)
            for name, collection in collections.items()
        }

    def __enter__(self) -> "Follow":
        for follower in self._followers.values():
            follower.start()
        return self

    def __exit__(self, *_: object) -> None:
        for follower in self._followers.values():
            follower.stop()

    def wake(self) -> None:
        """End the present `changed` early."""
        self._changes.put(None)

    def changed(self, timeout: float) -> bool:
        """Wait until something changed, at most `timeout` seconds; says whether it did."""
        try:
            self._changes.get(timeout=max(timeout, 0.001))
        except queue.Empty:
            return False
        while not self._changes.empty():  # what came meanwhile is seen by the same look
            self._changes.get()
        for follower in self._followers.values():
            if follower.error is not None:
                raise follower.error
        return True

    def listed(self) -> bool:
        """Whether every collection was listed once: before, what is missing means nothing."""
        return all(follower.listed.is_set() for follower in self._followers.values())

    def objects(self, name: str) -> list[Obj]:
        """The present objects of one collection."""
        return list(self._followers[name].objects.values())
