"""The apt commands that the local cloud uses."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .commands import Commands
from .errors import ToolError
from .progress import Progress

Stanza = dict[str, str]


def stanzas(text: str) -> dict[str, Stanza]:
    """The paragraphs of `apt-cache show` by package, the first of each."""
    found: dict[str, Stanza] = {}
    for paragraph in text.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.MULTILINE))
        if "Package" in fields:
            found.setdefault(fields["Package"], fields)
    return found


class Apt:
    """Runs apt; every failure is a ToolError."""

    def __init__(self, cache: Path, commands: Commands, progress: Progress) -> None:
        self._cache, self._commands, self._progress = cache, commands, progress
        self._updated = False

    def show(self, names: Sequence[str]) -> dict[str, Stanza]:
        """What apt knows of each package's newest version; updates its lists if one is unknown."""
        found = self._show(names)
        if not found.keys() >= set(names) and self._update():
            found = self._show(names)
        absent = sorted(set(names) - found.keys())
        if absent:
            raise ToolError(
                f"apt does not know {', '.join(absent)}: run `apt-get update` as root, try again"
            )
        return found

    def install(self, names: Sequence[str]) -> None:
        """Install packages, none of which starts a daemon."""
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
        """Run apt-get, again after an update if it fails: the mirror may have dropped a version."""
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
            self._commands.run(
                ("apt-get", "-q", *arguments),
                cwd=cwd,
                env=_quiet(),
                log=self._cache / "logs" / "apt.log",
            )
        except ToolError as error:
            raise ToolError(f"apt-get {arguments[0]} failed: {error}", error.log) from error


def _quiet() -> dict[str, str]:
    # needrestart must list services instead of restarting them.
    return os.environ | {
        "DEBIAN_FRONTEND": "noninteractive",
        "NEEDRESTART_MODE": "l",
        "LC_ALL": "C",
    }
