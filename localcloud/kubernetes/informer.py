"""A copy of a collection of the API, kept up to date by a watch."""

import logging
import threading
from collections.abc import Callable

from localcloud.kubernetes.api import Api, ApiError, Unreachable, Watch
from localcloud.kubernetes.manifests import Manifest, key

RETRY_SECONDS = 1.0  # after the API server was lost
log = logging.getLogger(__name__)


class Informer:
    """The objects below one collection's path, by `manifests.key`.

    `changed` is called after every change, from the informer's thread; `listed` is whether
    the first list has been read.
    """

    def __init__(self, api: Api, path: str, changed: Callable[[], None]) -> None:
        self.objects: dict[str, Manifest] = {}
        self.listed = False
        self._api = api
        self._path = path
        self._changed = changed
        self._closed = threading.Event()
        self._watch: Watch | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"watch {path}", daemon=True)

    def start(self) -> "Informer":
        self._thread.start()
        return self

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._follow()
            except (ApiError, Unreachable) as error:
                if not self._closed.is_set():
                    log.info("watch %s: %s", self._path, error)
                    self._closed.wait(RETRY_SECONDS)

    def _follow(self) -> None:
        listed = self._api.request("GET", self._path)
        # The items of a list have neither apiVersion nor kind; they are not needed here.
        self.objects = {key(item): item for item in listed["items"]}
        self.listed = True
        self._changed()
        watch = self._api.watch(self._path, listed["metadata"]["resourceVersion"])
        with self._lock:
            self._watch = watch
            if self._closed.is_set():
                watch.close()
        for kind, item in watch:
            if kind == "DELETED":
                self.objects.pop(key(item), None)
            else:
                self.objects[key(item)] = item
            self._changed()

    def items(self) -> list[tuple[str, Manifest]]:
        """The keys and objects now."""
        return list(self.objects.items())

    @property
    def running(self) -> bool:
        """Whether its thread is alive."""
        return self._thread.is_alive()

    def join(self, timeout: float) -> None:
        """Wait for its thread to end after `close`."""
        self._thread.join(timeout)

    def close(self) -> None:
        """End the watch; `changed` may be called once more."""
        self._closed.set()
        with self._lock:
            if self._watch:
                self._watch.close()
