"""What a cloud that went down left on the host: processes, mounts, cgroups, files."""

from pathlib import Path

from localcloud.paths import CloudPaths


def leftovers(name: str) -> list[str]:
    """Every trace of the cloud `name` on this machine, in words."""
    paths = CloudPaths(name)
    marks = (str(paths.root), paths.cgroup)
    found = [f"process {pid}: {line}" for pid, line in command_lines() if mentions(line, marks)]
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    found += [f"mount {line}" for line in mounts if mentions(line, marks)]
    found += [f"cgroup {folder}" for folder in Path("/sys/fs/cgroup").glob(f"*/{paths.cgroup}")]
    found += [f"cgroup {folder}" for folder in Path("/sys/fs/cgroup").glob(paths.cgroup)]
    return found + ([f"folder {paths.root}"] if paths.root.exists() else [])


def mentions(line: str, marks: tuple[str, ...]) -> bool:
    """Whether a line names one of the cloud's own paths."""
    return any(mark in line for mark in marks)


def command_lines() -> list[tuple[int, str]]:
    """Process id and command line of all processes."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:  # it ended
                continue
            found.append((int(entry.name), line.replace(b"\0", b" ").decode(errors="replace")))
    return found


def interfaces() -> set[str]:
    """The host's network interfaces."""
    return {entry.name for entry in Path("/sys/class/net").iterdir()}


def network_namespaces() -> set[str]:
    """The network namespaces that some process of the host is in."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.add(str((entry / "ns" / "net").readlink()))
            except OSError:
                continue
    return found
