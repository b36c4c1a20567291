"""Wakes reconcilers: one counter per topic, increased when a record of it may have changed."""

import threading
from collections import Counter
from collections.abc import Iterable


class Changes:
    """Topics are AWS services (ec2, elbv2, eks ...), "network" for hosts, "health" for targets."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._counts: Counter[str] = Counter()
        self._closed = False

    def notify(self, topic: str) -> None:
        """Say that a record of `topic` may have changed."""
        with self._condition:
            self._counts[topic] += 1
            self._condition.notify_all()

    def seen(self, topics: Iterable[str]) -> int:
        """The number of changes of `topics` so far, for `wait`; ask before reading records."""
        with self._condition:
            return sum(self._counts[topic] for topic in topics)

    def wait(self, topics: Iterable[str], seen: int, timeout: float | None = None) -> bool:
        """Wait for the next change of `topics` after `seen`, for at most `timeout` seconds.

        Returns False once `close` was called.
        """
        topics = list(topics)
        with self._condition:
            self._condition.wait_for(
                lambda: self._closed or sum(self._counts[topic] for topic in topics) != seen,
                timeout,
            )
            return not self._closed

    def close(self) -> None:
        """Let every `wait` return."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
