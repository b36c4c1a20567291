"""Finds a cloud in the machine's process table, since no list of its processes is kept.

The client of a fork server imports this, so its imports are few: that keeps plugins fast.
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
    """The process id, outside the cloud, of process 1 of the cloud whose folder is `root`."""
    wanted = ["-m", INIT, root]
    return next((pid for pid, line in command_lines() if line[1:] == wanted), None)


@contextlib.contextmanager
def first_process_pidfd(root: str) -> Iterator[int]:
    """A pidfd of that process, readable once it has ended. Raises ProcessLookupError."""
    pid = first_process(root)
    if pid is None:
        raise ProcessLookupError(f"no cloud runs in {root}")
    pidfd = os.pidfd_open(pid)
    try:
        yield pidfd
    finally:
        os.close(pidfd)


def network_namespace() -> str:
    """This process's network namespace, such as `net:[4026531840]`."""
    return os.readlink("/proc/self/ns/net")
