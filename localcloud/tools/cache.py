"""The cache of tools, a folder outside the checkout.

An entry is a folder `<name>-<key>`, with a digest of what it is made from as key. So an entry is
never out of date: other inputs make another entry. It is renamed into place when it is complete.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY = ".making-"


def root() -> Path:
    """The cache folder: $EKS_SERVICE_TYPES_CACHE, else the user's cache folder."""
    own = os.environ.get("EKS_SERVICE_TYPES_CACHE")
    if own:
        return Path(own).absolute()
    user = os.environ.get("XDG_CACHE_HOME")
    return (Path(user) if user else Path.home() / ".cache") / "eks-service-types"


def digest(parts: Iterable[str | bytes]) -> str:
    """A key of 16 hex digits. It includes the lengths, so that [ab, c] and [a, bc] differ."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(f"{len(data)}:".encode() + data)
    return total.hexdigest()[:16]


def contents(folder: Path) -> Iterator[str | bytes]:
    """Names and contents of all files below a folder, in a stable order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix()
            yield path.read_bytes()


@contextmanager
def making(entry: Path) -> Iterator[Path]:
    """A temporary folder that is renamed to `entry` when the block succeeds."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f"{TEMPORARY}{entry.name}-", dir=entry.parent))
    temporary.chmod(0o755)
    try:
        yield temporary
        temporary.rename(entry)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def point(link: Path, target: str) -> None:
    """Point the symbolic link `link` to its sibling `target`, atomically."""
    temporary = link.parent / f"{TEMPORARY}{link.name}"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)


def sweep(cache: Path) -> None:
    """Remove the temporary files of killed builds. Only the holder of the lock may call this."""
    for stale in cache.glob(f"{TEMPORARY}*"):
        if stale.is_dir() and not stale.is_symlink():
            shutil.rmtree(stale, ignore_errors=True)
        else:
            stale.unlink(missing_ok=True)


@contextmanager
def locked(cache: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the cache's lock, which ends with its process; calls `say` if it has to wait."""
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            say(f"waiting for process {file.read() or '?'}, which is making the same tools")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
