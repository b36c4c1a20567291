"""A reconciler makes records real, whenever a record that it reads may have changed."""

import logging
import threading
from typing import Protocol

from localcloud.changes import Changes

RETRY_SECONDS = 1.0  # after an unexpected error
log = logging.getLogger(__name__)


class Reconciler(Protocol):
    """A part of the cloud that makes records real; `topics` are those of Changes that wake it."""

    name: str
    topics: frozenset[str]

    def reconcile(self) -> None:
        """Make real what the records say now; idempotent, and quick when nothing changed."""


class Loop:
    """Runs one reconciler in a thread: at each change, and every `period` seconds if that is given.

    `error` is the last run's error; `recovered_from` is the latest error that is over.
    """

    def __init__(
        self, reconciler: Reconciler, changes: Changes, period: float | None = None
    ) -> None:
        self.reconciler = reconciler
        self.error: str | None = None
        self.recovered_from: str | None = None
        self._changes, self._period = changes, period
        self._thread = threading.Thread(target=self._run, name=reconciler.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        alive = True
        while alive:
            seen = self._changes.seen(self.reconciler.topics)
            retry = self._period
            try:
                self.reconciler.reconcile()
                self.error, self.recovered_from = None, self.error or self.recovered_from
            except Exception as error:  # one bad record must not end the loop
                log.exception("%s", self.reconciler.name)
                self.error, retry = f"{type(error).__name__}: {error}", RETRY_SECONDS
            alive = self._changes.wait(self.reconciler.topics, seen, retry)
