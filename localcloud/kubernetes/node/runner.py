"""Runs one node in a thread: starts it, applies what add-ons want, and ends it."""

import logging
import threading
import time
from collections.abc import Callable
from enum import Enum

from localcloud.kubernetes.node.drain import Drain
from localcloud.kubernetes.node.machine import Machine
from localcloud.kubernetes.node.plan import Features

log = logging.getLogger(__name__)


class State(Enum):
    STARTING = "starting"
    STARTED = "started"  # or failed to start: see `failure`
    STOPPED = "stopped"


class NodeRunner:
    """Runs one machine in a thread, and calls `changed` after every step.

    `failure` is why the node does not work: a step that failed, until the node is stopped, or a
    program that does not keep running, until it does. `stuck` is whether it should leave and could
    not be drained.
    """

    def __init__(self, machine: Machine, wanted: Features, changed: Callable[[], None]) -> None:
        self.machine = machine
        self.state = State.STARTING
        self.stuck = False
        self.joined = False  # whether its node was ready once
        self._began = time.monotonic()
        self._failed: str | None = None
        self._wanted = wanted
        self._stopping = False
        self._drain: Drain | None = None
        self._changed = changed
        self._wake = threading.Event()
        name = machine.plan.instance_id
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        return self._failed or self.machine.supervised.failure

    @property
    def age(self) -> float:
        """The seconds since it was made."""
        return time.monotonic() - self._began

    def want(self, features: Features) -> None:
        """Change the features that add-ons want."""
        if features != self._wanted:
            self._wanted = features
            self._wake.set()

    def has(self, features: Features) -> bool:
        """Whether the node works with exactly these features, or is about to end."""
        return (
            self._stopping
            or self._drain is not None
            or (
                self.state is State.STARTED
                and self.failure is None
                and self.machine.features == features
            )
        )

    def leave(self, drain: Drain) -> None:
        """End the node after `drain`, if it works; it is `stuck` if that does not succeed."""
        if not (self._stopping or self._drain or self.stuck):
            self._drain = drain
            self._wake.set()

    def stay(self) -> None:
        """Do not leave any more; too late if the node is about to end."""
        self.stuck = False
        if self._drain:
            self._drain.give_up()

    def stop(self) -> None:
        """End the node at once, even while it is drained; `state` becomes STOPPED."""
        self._stopping = True
        if self._drain:
            self._drain.give_up()
        self._wake.set()

    def join(self, timeout: float) -> None:
        """Wait until the node has ended."""
        self._thread.join(timeout)

    def _run(self) -> None:
        self._attempt(lambda: self.machine.start(self._wanted))
        self.state = State.STARTED
        while not self._ends():
            if self._failed is None:
                self._attempt(lambda: self.machine.apply(self._wanted))
            self._changed()
            self._wake.wait()
            self._wake.clear()
        self._stopping = True
        self._attempt(self.machine.stop)
        self.state = State.STOPPED
        self._changed()

    def _ends(self) -> bool:
        """Whether the node has to end now, perhaps after it was drained."""
        drain = self._drain
        if self._stopping or drain is None:
            return self._stopping
        if self.failure is not None or self._attempt(drain.run) is not False:
            return True
        self.stuck, self._drain = not drain.given_up, None
        return self._stopping

    def _attempt(self, step: Callable[[], bool | None]) -> bool | None:
        try:
            return step()
        except Exception as error:  # any failure is reported in the health of the node group
            log.exception("node %s", self.machine.plan.name)
            self._failed = f"{type(error).__name__}: {error}"
            return None
