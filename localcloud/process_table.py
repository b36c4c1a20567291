"""The machine's process table, in which a cloud is found again: it keeps no list of its processes.

The client of a fork server waits for this to be imported, so it imports little.
"""

import contextlib
import os
from collections.abc import Iterator

INIT = "localcloud.pid1"


def command_lines() -> Iterator[tuple[int, list[str]]]:
    """Every process of the machine: its id and its command line."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/cmdline", "rb") as file:
                yield int(name), os.fsdecode(file.read()).rstrip("\0").split("\0")


def first_process(root: str) -> int | None:
    """The id, as the host sees it, of the process that is 1 inside the cloud in a folder."""
    wanted = ["-m", INIT, root]
    return next((pid for pid, line in command_lines() if line[1:] == wanted), None)


@contextlib.contextmanager
def handle(root: str) -> Iterator[int]:
    """A handle on the cloud in a folder: readable once it has ended. Raises ProcessLookupError."""
    pid = first_process(root)
    if pid is None:
        raise ProcessLookupError(f"no cloud runs in {root}")
    opened = os.pidfd_open(pid)
    try:
        yield opened
    finally:
        os.close(opened)
