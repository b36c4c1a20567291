"""Waiting for forks, and telling them from their fork servers."""

import time
from collections.abc import Callable
from pathlib import Path

TIMEOUT = 20.0  # seconds


def parent(pid: int) -> int:
    """The process that a process is a child of; 0 once it has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def until(what: Callable[[], bool], timeout: float = TIMEOUT) -> None:
    """Return once it is so; fails after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < deadline
