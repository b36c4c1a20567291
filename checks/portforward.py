"""Runs commands that open a port of 127.0.0.1, for as long as the port is needed."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from checks.outcome import CannotRun, FailedProbe

POD_TIMEOUT = "--pod-running-timeout=5s"  # kubectl would wait a minute for a Service's first pod
KUBECTL_TIMEOUT = 10.0  # seconds for the port to open
STOP_TIMEOUT = 3.0  # seconds between INT and KILL
FORWARDING = re.compile(r"^Forwarding from 127\.0\.0\.1:(\d+) ", re.MULTILINE)
ERROR_PREFIX = re.compile(r"^(error|Error from server( \(\w+\))?): ")
NO_KUBECTL = "there is no kubectl on PATH"


@contextmanager
def forwarding(args: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """Run kubectl with `args` and yield the port of 127.0.0.1 that it opened.

    kubectl is ended when the `with` block ends. FailedProbe if it opens no port, CannotRun if there
    is no kubectl.
    """
    command = ["kubectl", *args, POD_TIMEOUT]
    with running(command, environment, FORWARDING, KUBECTL_TIMEOUT) as printed:
        yield int(printed[1])


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], opened: re.Pattern[str], timeout: float
) -> Iterator[re.Match[str]]:
    """Run a command and yield the match of `opened` that it prints within `timeout` seconds.

    The command is ended when the `with` block ends. FailedProbe if it prints no match, CannotRun if
    there is no such command.
    """
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            process_group=0,  # signals reach what it starts, too, as on a terminal
        )
    except FileNotFoundError as error:
        raise CannotRun(f"there is no {command[0]} on PATH") from error
    with child:
        try:
            yield _opened(child, " ".join(command[:2]), opened, timeout)
        finally:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGINT)
    try:
        child.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


def error_message(printed: str) -> str:
    """A command's error message: its last line, without the prefix of kubectl's errors."""
    lines = printed.strip().splitlines() or ["it ended without a message"]
    return ERROR_PREFIX.sub("", lines[-1])


def _opened(
    child: subprocess.Popen[bytes], name: str, opened: re.Pattern[str], timeout: float
) -> re.Match[str]:
    assert child.stdout is not None
    deadline = time.monotonic() + timeout
    printed = ""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([child.stdout], [], [], left)[0]:
            break
        chunk = os.read(child.stdout.fileno(), 4096)
        if not chunk:
            raise FailedProbe(f"{name}: {error_message(printed)}")
        printed += chunk.decode(errors="replace")
        if found := opened.search(printed):
            return found
    raise FailedProbe(f"{name} opened no port in {timeout:.0f} s")
