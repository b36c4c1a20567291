"""Free disk space for the builds."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .errors import ToolError

GIB = 1 << 30
# A first build takes 1.1 GiB for the tools, and 4.5 and 2.9 GiB for Go's build and module caches.
TOOLS, GO_CACHES = 2 * GIB, 8 * GIB


def needs(large: bool, cache: Path, go_cache: Path) -> dict[Path, int]:
    """The bytes that must be free at each folder; `large` if Kubernetes has to be compiled."""
    if not large:
        return {cache: GIB // 2}
    if _device(cache) == _device(go_cache):
        return {cache: TOOLS + GO_CACHES}
    return {cache: TOOLS, go_cache: GO_CACHES}


def require_space(cache: Path, large: bool) -> None:
    """Raise ToolError if a folder has too little free space."""
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    go_cache = Path(os.environ.get("GOCACHE") or user / "go-build")
    for folder, needed in needs(large, cache, go_cache).items():
        free = shutil.disk_usage(existing(folder)).free
        if free < needed:
            raise ToolError(
                f"{(needed - free) / GIB:.1f} GiB too little space at {folder}: "
                f"{needed / GIB:.1f} GiB needed, {free / GIB:.1f} GiB free"
            )


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _device(folder: Path) -> int:
    return existing(folder).stat().st_dev
