"""A program on a terminal of its own, as a person uses it."""

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

SECONDS = 30.0
SIZE = (33, 101)  # rows and columns


class Terminal:
    """A program that was started on a terminal; `process` is the leader of a process group."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        self._file, inside = pty.openpty()
        termios.tcsetwinsize(inside, SIZE)
        self.process = subprocess.Popen(
            command, stdin=inside, stdout=inside, stderr=inside, env=environment, process_group=0
        )
        os.close(inside)
        self._seen = ""

    def type(self, text: str) -> None:
        os.write(self._file, text.encode())

    def shows(self, pattern: str) -> "re.Match[str]":
        """The first match in what it has printed since the last one, once there is one."""
        end = time.monotonic() + SECONDS
        while not (found := re.search(pattern, self._seen)):
            ready, _, _ = select.select([self._file], [], [], max(0, end - time.monotonic()))
            assert ready, f"no {pattern!r} in {self._seen!r}"
            self._seen += self._read(pattern)
        self._seen = self._seen[found.end() :]
        return found

    def _read(self, pattern: str) -> str:
        try:
            return os.read(self._file, 65536).decode(errors="replace")
        except OSError:
            raise AssertionError(f"it ended, without {pattern!r} in {self._seen!r}") from None

    def signal(self, number: int) -> None:
        """Send a signal to its process group, as a terminal does."""
        os.killpg(self.process.pid, number)

    def code(self) -> int:
        """Its exit code, once it has exited."""
        return self.process.wait(SECONDS)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait()
        os.close(self._file)
