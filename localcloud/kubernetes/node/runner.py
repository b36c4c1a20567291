"""Runs one node in a thread: starts it, applies what add-ons want, and ends it."""

import logging
import threading
import time
from collections.abc import Callable
from enum import Enum

from localcloud.kubernetes.node.drain import Drain
from localcloud.kubernetes.node.plan import Features
from localcloud.kubernetes.node.processes import NodeProcesses

log = logging.getLogger(__name__)


class State(Enum):
    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"  # one of its steps failed: see `failure`
    STOPPED = "stopped"


class NodeRunner:
    """Runs one node in a thread, and calls `changed` after every step.

    `stuck` is whether the node should leave but could not be drained within a strict limit,
    `joined` whether it has been Ready.
    """

    def __init__(
        self, processes: NodeProcesses, wanted: Features, changed: Callable[[], None]
    ) -> None:
        self.processes = processes
        self.state = State.STARTING
        self.stuck = False
        self.joined = False
        self._began = time.monotonic()
        self._failed: str | None = None
        self._wanted = wanted
        self._stopping = False
        self._drain: Drain | None = None
        self._changed = changed
        self._wake = threading.Event()
        name = processes.plan.instance_id
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        """Why the node does not work: the step that failed (this stays), or a program that keeps
        exiting (None again once it keeps running)."""
        return self._failed or self.processes.supervised.failure

    @property
    def age(self) -> float:
        """The seconds since it was made."""
        return time.monotonic() - self._began

    def want(self, features: Features) -> None:
        """Change the features that the node has to have."""
        if features != self._wanted:
            self._wanted = features
            self._wake.set()

    def has(self, features: Features) -> bool:
        """Whether the node works with exactly these features, or is about to end."""
        return (
            self._stopping
            or self._drain is not None
            or (
                self.state is State.RUNNING
                and self.failure is None
                and self.processes.features == features
            )
        )

    def leave(self, drain: Drain) -> None:
        """Drain the node and end it. If pods are left when the time is over, it ends with them or,
        if the limit is strict, stays and is `stuck`."""
        if not (self._stopping or self._drain or self.stuck):
            self._drain = drain
            self._wake.set()

    def stay(self) -> None:
        """Cancel `leave`, unless the node is about to end already."""
        self.stuck = False
        if self._drain:
            self._drain.cancel()

    def stop(self) -> None:
        """End the node at once, even while it is drained; `state` becomes STOPPED."""
        self._stopping = True
        if self._drain:
            self._drain.cancel()
        self._wake.set()

    def join(self, timeout: float) -> None:
        """Wait until the node has ended."""
        self._thread.join(timeout)

    def _run(self) -> None:
        self._attempt(lambda: self.processes.start(self._wanted))
        if self.state is State.STARTING:
            self.state = State.RUNNING
        while not self._drain_if_leaving():
            if self.state is State.RUNNING:
                self._attempt(lambda: self.processes.apply(self._wanted))
            self._changed()
            self._wake.wait()
            self._wake.clear()
        self._stopping = True
        self._attempt(self.processes.stop)
        self.state = State.STOPPED
        self._changed()

    def _drain_if_leaving(self) -> bool:
        """Drain the node if it is to leave; returns whether it has to end now."""
        drain = self._drain
        if self._stopping or drain is None:
            return self._stopping
        # A node that does not work ends without a drain, and one whose drain raised (None) as well.
        if self.failure is not None or self._attempt(drain.run) is not False:
            return True
        self.stuck, self._drain = not drain.cancelled, None
        return self._stopping

    def _attempt(self, step: Callable[[], bool | None]) -> bool | None:
        """Run a step; returns its result, or None if it raises, after which the node is FAILED."""
        try:
            return step()
        except Exception as error:  # any failure is reported in the health of the node group
            log.exception("node %s", self.processes.plan.name)
            self._failed, self.state = f"{type(error).__name__}: {error}", State.FAILED
            return None
