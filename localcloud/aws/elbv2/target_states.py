"""The states of targets that the load balancers report, and the targets that drain."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

State = Literal["initial", "healthy", "unhealthy"]
Key = tuple[str, str, int]  # target group ARN, target id, port


@dataclass
class TargetStates:
    """What the load balancers last reported of targets and of themselves, and which deregistered
    targets still drain, as the API stores them."""

    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _states: dict[Key, tuple[State, str]] = field(default_factory=dict)
    _draining: dict[Key, float] = field(default_factory=dict)
    _active: set[str] = field(default_factory=set)

    def report(self, target_group: str, target: str, port: int, state: State, reason: str) -> None:
        """Store a target's state, and the API's reason for it ("" if healthy)."""
        with self._lock:
            self._states[target_group, target, port] = (state, reason)

    def set_active(self, load_balancer: str) -> None:
        """Store that a load balancer serves, which makes its state active."""
        with self._lock:
            self._active.add(load_balancer)

    def is_active(self, load_balancer: str) -> bool:
        with self._lock:
            return load_balancer in self._active

    def of(self, key: Key) -> tuple[State, str] | None:
        """The state and reason last reported, or None."""
        with self._lock:
            return self._states.get(key)

    def deregistered(self, key: Key, delay: float) -> None:
        """Store that a target was deregistered: it drains for `delay` seconds."""
        with self._lock:
            self._prune()
            self._draining[key] = self.clock() + delay

    def registered(self, key: Key) -> None:
        """Store that a target was registered: it does not drain any more.

        One that is registered again while it drains keeps its last state: load balancers that have
        not seen it leave have no change to report.
        """
        with self._lock:
            self._prune()
            self._draining.pop(key, None)

    def draining(self, target_group: str) -> Iterator[Key]:
        """The deregistered targets of a group that are still draining."""
        with self._lock:
            self._prune()
            keys = [key for key in self._draining if key[0] == target_group]
        yield from keys

    def _prune(self) -> None:
        """Forget the targets that have drained."""
        now = self.clock()
        for key in [key for key, until in self._draining.items() if until <= now]:
            del self._draining[key]
            self._states.pop(key, None)

    def forget(self, arn: str) -> None:
        """Remove what is stored about a deleted target group or load balancer."""
        with self._lock:
            self._active.discard(arn)
            self._states = {k: v for k, v in self._states.items() if k[0] != arn}
            self._draining = {k: v for k, v in self._draining.items() if k[0] != arn}

    def clear(self) -> None:
        """Forget everything (tests)."""
        with self._lock:
            self._active.clear()
            self._states.clear()
            self._draining.clear()


# Global, as moto's backends are, which read it.
TARGET_STATES = TargetStates()
