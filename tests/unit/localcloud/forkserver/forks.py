"""Telling forks from their fork servers."""

from pathlib import Path


def parent(pid: int) -> int:
    """The process that a process is a child of; 0 once it has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
