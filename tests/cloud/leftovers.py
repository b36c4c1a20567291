"""What a cloud that went down left on the machine: processes, mounts, cgroups, files."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from localcloud.paths import CloudPaths

T = TypeVar("T")


def leftovers(name: str) -> list[str]:
    """Every trace of the cloud `name` on this machine, in words."""
    paths = CloudPaths(name)
    marks = (str(paths.root), paths.cgroup)
    lines = of_processes(command_line)
    found = [f"process {pid}: {line}" for pid, line in lines if mentions(line, marks)]
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    found += [f"mount {line}" for line in mounts if mentions(line, marks)]
    for pattern in (paths.cgroup, f"*/{paths.cgroup}"):
        found += [f"cgroup {folder}" for folder in Path("/sys/fs/cgroup").glob(pattern)]
    return found + ([f"folder {paths.root}"] if paths.root.exists() else [])


def mentions(line: str, marks: tuple[str, ...]) -> bool:
    """Whether a line names one of the cloud's own paths."""
    return any(mark in line for mark in marks)


def of_processes(read: Callable[[Path], T]) -> list[tuple[int, T]]:
    """Process id of all processes, with what is read from their folders in /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it ended
                found.append((int(entry.name), read(entry)))
    return found


def command_line(process: Path) -> str:
    return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def interfaces() -> set[str]:
    """The machine's network interfaces."""
    return {entry.name for entry in Path("/sys/class/net").iterdir()}


def network_namespaces() -> set[str]:
    """The network namespaces that some process of the machine is in."""
    return {str(found) for _, found in of_processes(lambda one: (one / "ns" / "net").readlink())}
