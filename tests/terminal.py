"""A program on a terminal of its own, as a person uses it."""

import os
import pty
import re
import subprocess
import termios
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
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
        self._ended = False
        self._printed = threading.Condition()
        # It reads all the time: a program whose terminal nobody reads stops at its next line.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def type(self, text: str) -> None:
        os.write(self._file, text.encode())

    def shows(self, pattern: str) -> "re.Match[str]":
        """The first match in what it has printed since the last one, once there is one."""
        with self._printed:
            self._printed.wait_for(lambda: self._ended or re.search(pattern, self._seen), SECONDS)
            found = re.search(pattern, self._seen)
            assert found, f"no {pattern!r} in {self._seen!r}"
            self._seen = self._seen[found.end() :]
            return found

    def _read(self) -> None:
        with suppress(OSError):  # the program has ended
            while text := os.read(self._file, 65536):
                with self._printed:
                    self._seen += text.decode(errors="replace")
                    self._printed.notify_all()
        with self._printed:
            self._ended = True
            self._printed.notify_all()

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
        self._reader.join(SECONDS)
        os.close(self._file)
