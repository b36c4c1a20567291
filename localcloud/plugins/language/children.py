"""Child processes: stopping them, and reading their output."""

import queue
import signal
import subprocess
import threading
from collections.abc import Iterator
from typing import IO, Protocol

from pulumi.runtime.proto import language_pb2

STOP_SECONDS = 5
"""How long a program may take to end after an interrupt before it is killed."""


class Child(Protocol):
    """A process of its own, or a fork of a fork server."""

    def poll(self) -> int | None: ...
    def send_signal(self, number: int, /) -> None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


def stop(child: Child) -> None:
    """Interrupt a child, and kill it if it does not end."""
    if child.poll() is not None:
        return
    child.send_signal(signal.SIGINT)
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def output(child: subprocess.Popen[bytes]) -> Iterator[language_pb2.RunPluginResponse]:
    """The output of a child on both streams, line by line."""
    written: queue.Queue[language_pb2.RunPluginResponse | None] = queue.Queue()

    def forward(stream: IO[bytes], name: str) -> None:
        with stream:
            for line in stream:
                response = language_pb2.RunPluginResponse()
                setattr(response, name, line)
                written.put(response)
        written.put(None)

    for stream, name in ((child.stdout, "stdout"), (child.stderr, "stderr")):
        assert stream is not None
        threading.Thread(target=forward, args=(stream, name), daemon=True).start()
    for _ in range(2):
        yield from iter(written.get, None)
