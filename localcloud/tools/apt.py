"""apt, as far as the local cloud uses it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .errors import ToolError
from .process import Builds
from .progress import Progress

Stanza = dict[str, str]


def stanzas(text: str) -> dict[str, Stanza]:
    """The paragraphs of `apt-cache show` by package; the first of a package counts."""
    found: dict[str, Stanza] = {}
    for paragraph in text.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.MULTILINE))
        if "Package" in fields:
            found.setdefault(fields["Package"], fields)
    return found


class Apt:
    """apt as this package uses it; each failure is one ToolError."""

    def __init__(self, cache: Path, builds: Builds, progress: Progress) -> None:
        self._cache, self._builds, self._progress = cache, builds, progress
        self._updated = False

    def show(self, names: Sequence[str]) -> dict[str, Stanza]:
        """What apt would install of each package, its lists brought up to date if need be."""
        found = self._show(names)
        if not found.keys() >= set(names) and self._update():
            found = self._show(names)
        absent = sorted(set(names) - found.keys())
        if absent:
            raise ToolError(
                f"apt knows no {', '.join(absent)}: run `apt-get update` as root, try again"
            )
        return found

    def install(self, names: Sequence[str]) -> None:
        """Install packages without daemons."""
        if os.geteuid() != 0:
            raise ToolError(f"not root: run `apt-get install {' '.join(names)}` as root, try again")
        with self._progress.step(f"installing {', '.join(names)}"):
            self._retried("install", "-y", "--no-install-recommends", *names, cwd=Path("/"))

    def download(self, versions: dict[str, str], folder: Path) -> None:
        """Fetch the .deb files of exact versions into a folder."""
        self._retried(
            "download", *(f"{name}={version}" for name, version in versions.items()), cwd=folder
        )

    def _show(self, names: Sequence[str]) -> dict[str, Stanza]:
        command = ("apt-cache", "show", "--no-all-versions", *names)
        return stanzas(subprocess.run(command, capture_output=True, text=True, env=_quiet()).stdout)

    def _retried(self, *arguments: str, cwd: Path) -> None:
        """Run apt-get; a version that the mirror has dropped is found again after an update."""
        try:
            self._get(*arguments, cwd=cwd)
        except ToolError:
            if not self._update():
                raise
            self._get(*arguments, cwd=cwd)

    def _update(self) -> bool:
        if self._updated or os.geteuid() != 0:
            return False
        with self._progress.step("apt-get update"):
            self._get("update", cwd=Path("/"))
        self._updated = True
        return True

    def _get(self, *arguments: str, cwd: Path) -> None:
        try:
            self._builds.run(
                ("apt-get", "-q", *arguments),
                cwd=cwd,
                env=_quiet(),
                log=self._cache / "logs" / "apt.log",
            )
        except ToolError as error:
            raise ToolError(f"apt-get {arguments[0]} failed: {error}", error.log) from error


def _quiet() -> dict[str, str]:
    # needrestart must only list the services it would otherwise restart.
    return os.environ | {
        "DEBIAN_FRONTEND": "noninteractive",
        "NEEDRESTART_MODE": "l",
        "LC_ALL": "C",
    }
