"""The cgroups of a cloud: in each hierarchy, of version 1 or 2, below one of the cloud's name."""

import contextlib
import os
import select
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

END_TIMEOUT = 10.0  # seconds for the kernel to end a killed process
# Controllers that kubelets use, of version 2.
NEEDED = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids")
TRIES = 20  # to enable them, since systemd may disable them meanwhile
# The child with a node's programs: in version 2 only cgroups without children have processes.
LEAF = "system"


class CgroupError(RuntimeError):
    """A cgroup could not be made or emptied."""


@dataclass(frozen=True)
class Hierarchy:
    """A mounted cgroup hierarchy; `controllers` is empty for version 2, which has all."""

    mount: Path
    version: int
    controllers: frozenset[str] = frozenset()

    def folder(self, path: str) -> Path:
        return self.mount / path


def parse_mounts(text: str) -> tuple[Hierarchy, ...]:
    """The hierarchies in a text like /proc/self/mounts."""
    found = []
    for line in text.splitlines():
        _, mount, kind, options, *_ = line.split()
        if kind == "cgroup2":
            found.append(Hierarchy(Path(mount), 2))
        elif kind == "cgroup":
            found.append(Hierarchy(Path(mount), 1, frozenset(options.split(","))))
    return tuple(found)


def mounted() -> tuple[Hierarchy, ...]:
    """The hierarchies of this machine."""
    return parse_mounts(Path("/proc/self/mounts").read_text())


def ancestry(path: str) -> tuple[str, ...]:
    """A cgroup path and its ancestors, the root's child first: "a", "a/b", "a/b/c"."""
    parts = path.split("/")
    return tuple("/".join(parts[:count]) for count in range(1, len(parts) + 1))


def make_cgroup(path: str, hierarchies: Sequence[Hierarchy]) -> tuple[Path, ...]:
    """Make a node's cgroup in every hierarchy; returns the cgroup.procs files of its leaf.

    Raises CgroupError with the file and the reason.
    """
    for hierarchy in hierarchies:
        _make(hierarchy, path)
    return tuple(hierarchy.folder(path) / LEAF / "cgroup.procs" for hierarchy in hierarchies)


def _make(hierarchy: Hierarchy, path: str) -> None:
    leaf = f"{path}/{LEAF}"
    above = hierarchy.mount
    for part in ancestry(leaf):
        folder = hierarchy.folder(part)
        with _errors_of(folder):
            folder.mkdir(exist_ok=True)
        if "cpuset" in hierarchy.controllers:
            _copy_cpuset(above, folder)
        above = folder
    if hierarchy.version == 2:
        _enable_controllers([hierarchy.mount, *map(hierarchy.folder, ancestry(path))])


def _enable_controllers(folders: Sequence[Path]) -> None:
    """Enable every controller for the children of these folders, parents first (version 2).

    systemd disables at the root what its units do not use, until a folder below uses it.
    """
    there = (folders[0] / "cgroup.controllers").read_text().split()
    wanted = [name for name in NEEDED if name in there]
    for _ in range(TRIES):
        if all(_enable(folder / "cgroup.subtree_control", wanted) for folder in folders):
            return
    raise CgroupError(f"cgroup {folders[0]}: its controllers were disabled again {TRIES} times")


def _enable(file: Path, wanted: Sequence[str]) -> bool:
    """Enable missing controllers; False if the folder above has lost one of them meanwhile."""
    enabled = file.read_text().split()
    missing = [name for name in wanted if name not in enabled]
    with _errors_of(file):
        try:
            if missing:
                file.write_text(" ".join(f"+{name}" for name in missing))
        except FileNotFoundError:
            return False
    return True


def _copy_cpuset(above: Path, folder: Path) -> None:
    """Copy CPUs and memory nodes: a new cpuset of version 1 has none, so it accepts no process."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        _write(folder / name, (above / name).read_text())


def _write(file: Path, text: str) -> None:
    with _errors_of(file):
        file.write_text(text)


@contextlib.contextmanager
def _errors_of(file: Path) -> Iterator[None]:
    """Raise an OSError of this file or folder as a CgroupError with its name."""
    try:
        yield
    except OSError as error:
        raise CgroupError(f"cgroup {file}: {error.strerror}") from error


def end_processes(path: str, hierarchies: Sequence[Hierarchy]) -> None:
    """Kill every process in a cgroup and below it, and wait until they have ended."""
    for hierarchy in hierarchies:
        while pidfds := list(_pidfds(_processes(hierarchy.folder(path)))):
            try:
                _end(pidfds)
            finally:
                for pidfd in pidfds:
                    os.close(pidfd)


def _processes(folder: Path) -> Iterator[int]:
    for below, _, _ in os.walk(folder):
        with contextlib.suppress(FileNotFoundError):
            yield from map(int, (Path(below) / "cgroup.procs").read_text().split())


def _pidfds(pids: Iterable[int]) -> Iterator[int]:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            yield os.pidfd_open(pid)


def _end(pidfds: Sequence[int]) -> None:
    for pidfd in pidfds:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    for pidfd in pidfds:
        if not select.select([pidfd], [], [], END_TIMEOUT)[0]:
            raise CgroupError(f"a killed process did not end within {END_TIMEOUT:.0f} s")


def remove_cgroups(path: str, hierarchies: Sequence[Hierarchy] | None = None) -> None:
    """Kill the processes of a cgroup and remove it from every hierarchy, if it exists."""
    hierarchies = mounted() if hierarchies is None else hierarchies
    end_processes(path, hierarchies)
    for hierarchy in hierarchies:
        for folder, _, _ in os.walk(hierarchy.folder(path), topdown=False):
            with _errors_of(Path(folder)), contextlib.suppress(FileNotFoundError):
                os.rmdir(folder)
