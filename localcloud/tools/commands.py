"""Runs commands, and ends all of their processes when this program ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

from .errors import ToolError


class Commands:
    """Concurrent commands, each in its own process group."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(
        self, command: Sequence[str], *, log: Path, cwd: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """Run a command with its output in `log`. Raises ToolError if it fails."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            started = self._start(command, output.fileno(), cwd, env)
            try:
                code = started.wait()
            except BaseException:  # Ctrl-C does not reach the command's process group
                _end(started)
                raise
            finally:
                with self._lock:
                    self._running.discard(started)
        if code:
            raise ToolError(reason(log.read_text(errors="replace"), code), log)

    def _start(
        self, command: Sequence[str], output: int, cwd: Path, env: Mapping[str, str] | None
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise ToolError(f"{command[0]} not started: another build has failed")
            try:
                started = subprocess.Popen(
                    (*_ends_with_this(), *command), cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                    stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                raise ToolError(f"cannot run {command[0]}: {error.strerror}") from error
            self._running.add(started)
            return started

    def stop(self) -> None:
        """End all running process groups, and refuse to start others."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _end(process)


def _ends_with_this() -> tuple[str, ...]:
    """A prefix by which a command gets SIGTERM if this program is killed."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "TERM", "--") if setpriv else ()


def _end(process: subprocess.Popen[bytes]) -> None:
    for how, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, how)
            process.wait(patience)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


REFUSED = ("403 Forbidden", "404 Not Found", "410 Gone", "dial tcp", "i/o timeout",
           "no such host", "TLS handshake", "checksum mismatch", "connection refused",
           "No matching distribution", "Failed to fetch", "Unable to fetch")  # fmt: skip


def reason(output: str, code: int) -> str:
    """One line on why a command failed, from its output and exit code (negative: a signal)."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for line in lines:
        if "no space left on device" in line.lower():
            return "the disk is full"
        if any(mark in line for mark in REFUSED):
            return f"download refused: {line} (check the network and proxy settings)"
    if code < 0:
        return f"killed by {signal.Signals(-code).name} (perhaps out of memory)"
    return lines[-1] if lines else f"exit code {code} without output"
