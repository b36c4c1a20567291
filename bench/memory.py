"""The memory of a set of processes, sampled while something runs."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

PERIOD = 0.5  # seconds between samples
KIB = 1024


def proportional_set_size(process: Path) -> int:
    """Bytes of a process, each shared page divided among those that share it; 0 once it ended."""
    with contextlib.suppress(OSError):
        for line in (process / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * KIB
    return 0


def all_processes() -> set[int]:
    """The ids of all processes of the machine."""
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}


class Peak:
    """The peak memory, in bytes, of all processes that were started after this object was made."""

    def __init__(self) -> None:
        self.bytes = 0
        self._before = all_processes() | {os.getpid()}
        self._stop = threading.Event()

    def _sample(self) -> None:
        while not self._stop.wait(PERIOD):
            new = all_processes() - self._before
            self.bytes = max(
                self.bytes, sum(proportional_set_size(Path("/proc", str(pid))) for pid in new)
            )

    @contextlib.contextmanager
    def watching(self) -> Iterator["Peak"]:
        """Sample in the background."""
        thread = threading.Thread(target=self._sample, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()
