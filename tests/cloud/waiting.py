"""Waiting for what comes without telling."""

import threading
import time
from collections.abc import Callable

PERIOD = 0.02  # seconds between two looks


def eventually(look: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return once it is so; raises AssertionError when it does not become so in time."""
    deadline, never = time.monotonic() + seconds, threading.Event()
    while not look():
        assert time.monotonic() < deadline, f"not in {seconds} s"
        never.wait(PERIOD)
