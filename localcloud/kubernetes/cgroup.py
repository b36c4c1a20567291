"""The cgroups of a cloud: one folder of its name in every hierarchy, version 1 and 2."""

import contextlib
import os
import select
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

END_TIMEOUT = 10.0  # seconds for the kernel to end a killed process
NEEDED = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids")  # by kubelets, of version 2
TRIES = 20  # at enabling them while something else takes them back
LEAF = "system"  # where a node's own daemons live: version 2 has processes in leaves only


class CgroupError(RuntimeError):
    """A cgroup could not be made or emptied."""


@dataclass(frozen=True)
class Hierarchy:
    """A mounted cgroup hierarchy; `controllers` is empty for version 2, which has them all."""

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
    """A cgroup path and all above it, the uppermost first: "a", "a/b", "a/b/c"."""
    parts = path.split("/")
    return tuple("/".join(parts[:count]) for count in range(1, len(parts) + 1))


def make_cgroup(path: str, hierarchies: Sequence[Hierarchy]) -> tuple[Path, ...]:
    """Make a node's cgroup everywhere; returns the files that take a process into its leaf.

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
        with _named(folder):
            folder.mkdir(exist_ok=True)
        if "cpuset" in hierarchy.controllers:
            _copy_cpuset(above, folder)
        above = folder
    if hierarchy.version == 2:
        _enable_controllers([hierarchy.mount, *map(hierarchy.folder, ancestry(path))])


def _enable_controllers(folders: Sequence[Path]) -> None:
    """Let each of these folders, the uppermost first, hand every controller on (version 2).

    systemd takes from the root what its own units do not use, until folders below it do.
    """
    there = (folders[0] / "cgroup.controllers").read_text().split()
    wanted = [name for name in NEEDED if name in there]
    for _ in range(TRIES):
        if all(_enable(folder / "cgroup.subtree_control", wanted) for folder in folders):
            return
    raise CgroupError(f"cgroup {folders[0]}: its controllers are taken away again and again")


def _enable(file: Path, wanted: Sequence[str]) -> bool:
    """Enable what is missing; False if the folder above does not hand it on any more."""
    enabled = file.read_text().split()
    missing = [name for name in wanted if name not in enabled]
    with _named(file):
        try:
            if missing:
                file.write_text(" ".join(f"+{name}" for name in missing))
        except FileNotFoundError:
            return False
    return True


def _copy_cpuset(above: Path, folder: Path) -> None:
    """A new cpuset of version 1 has no CPU, and so takes no process, until it is told which."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        _write(folder / name, (above / name).read_text())


def _write(file: Path, text: str) -> None:
    with _named(file):
        file.write_text(text)


@contextlib.contextmanager
def _named(file: Path) -> Iterator[None]:
    """The kernel's refusals with the file that they are about."""
    try:
        yield
    except OSError as error:
        raise CgroupError(f"cgroup {file}: {error.strerror}") from error


def end_processes(path: str, hierarchies: Sequence[Hierarchy]) -> None:
    """KILL every process in a cgroup and below it, and wait until they have ended."""
    for hierarchy in hierarchies:
        while handles := list(_handles(_processes(hierarchy.folder(path)))):
            try:
                _end(handles)
            finally:
                for handle in handles:
                    os.close(handle)


def _processes(folder: Path) -> Iterator[int]:
    for below, _, _ in os.walk(folder):
        with contextlib.suppress(FileNotFoundError):
            yield from map(int, (Path(below) / "cgroup.procs").read_text().split())


def _handles(pids: Iterable[int]) -> Iterator[int]:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            yield os.pidfd_open(pid)


def _end(handles: Sequence[int]) -> None:
    for handle in handles:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    for handle in handles:
        if not select.select([handle], [], [], END_TIMEOUT)[0]:
            raise CgroupError(f"a process did not end within {END_TIMEOUT:.0f} s of its KILL")


def remove_cgroups(path: str, hierarchies: Sequence[Hierarchy] | None = None) -> None:
    """End what is left in a cgroup and remove it everywhere; it need not exist."""
    hierarchies = mounted() if hierarchies is None else hierarchies
    end_processes(path, hierarchies)
    for hierarchy in hierarchies:
        for folder, _, _ in os.walk(hierarchy.folder(path), topdown=False):
            with _named(Path(folder)), contextlib.suppress(FileNotFoundError):
                os.rmdir(folder)
