"""One child process of the cloud: start it, wait for its health, stop it."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROBE_PERIOD = 0.05  # seconds between the probes of a process that starts
STOP_TIMEOUT = 5.0  # seconds between SIGTERM and SIGKILL
TAIL_LINES = 15


class ProcessError(RuntimeError):
    """A process did not start, or exited early; the message holds the tail of its log."""


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last `lines` lines of a log, or a note that it is empty."""
    try:
        text = log.read_text(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        text = []
    return "\n".join(text) or "(the log is empty)"


@dataclass(kw_only=True)
class Process:
    """A program to run inside one host of the cloud.

    `netns` is the path of the network namespace to run in (None: the backbone). `healthy` is a
    probe that returns True once the process serves; it may raise OSError while it does not.
    `name` is unique in the cloud and names the log. `served` is whether its probe has passed once;
    a process without a probe counts as serving as soon as it is started.
    """

    name: str
    args: Sequence[str | Path]
    log: Path
    netns: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    healthy: Callable[[], bool] | None = None
    timeout: float = 60.0
    served: bool = field(default=False, init=False)
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    def start(self) -> "Process":
        """Start it, without waiting for health; returns itself."""
        enter = ["nsenter", f"--net={self.netns}", "--"] if self.netns else []
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [*enter, *map(str, self.args)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.env},
                start_new_session=True,
            )
        self.served = self.served or self.healthy is None
        return self

    def wait_healthy(self) -> None:
        """Return once the probe returns True.

        Raises ProcessError when the process exits first or `timeout` seconds pass.
        """
        deadline = time.monotonic() + self.timeout
        while not self.probe():
            if not self.running:
                raise ProcessError(
                    f"{self.name} exited early ({self.exit_code}):\n{tail(self.log)}"
                )
            if time.monotonic() > deadline:
                raise ProcessError(
                    f"{self.name} was not healthy after {self.timeout:.0f} s:\n{tail(self.log)}"
                )
            time.sleep(PROBE_PERIOD)  # programs do not report that they are ready
        self.served = True

    def probe(self) -> bool:
        """Whether it serves now."""
        try:
            return self.healthy is None or self.healthy()
        except OSError:
            return False

    @property
    def running(self) -> bool:
        """Whether it was started and has not exited."""
        return self._child is not None and self._child.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Its exit code once it has exited (negative: killed by that signal)."""
        return self._child.poll() if self._child else None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child and self.running else None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self._child and self.running:
            self._child.send_signal(number)

    def kill_group(self) -> None:
        """Kill what is left of its process group, such as workers that still hold its ports."""
        if self._child:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)

    def stop(self, timeout: float = STOP_TIMEOUT) -> None:
        """Send SIGTERM; if it runs after `timeout` seconds, kill its group. Safe to repeat."""
        if self._child is None:
            return
        self.signal(signal.SIGTERM)
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill_group()
            self._child.wait()
