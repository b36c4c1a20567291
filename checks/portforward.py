"""`kubectl port-forward` as a child process, for as long as its port is needed."""

import os
import re
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from checks.statement import CannotRun, FailedProbe

START_TIMEOUT = 10.0  # seconds for the port to open
POD_TIMEOUT = "--pod-running-timeout=5s"  # kubectl would wait a minute for a Service's first pod
STOP_TIMEOUT = 3.0  # seconds between TERM and KILL
FORWARDING = re.compile(r"^Forwarding from 127\.0\.0\.1:(\d+) ", re.MULTILINE)
PREAMBLE = re.compile(r"^(error|Error from server( \(\w+\))?): ")
NO_KUBECTL = "there is no kubectl on PATH"


@contextmanager
def forwarding(args: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """Run kubectl with `args` and give the loopback port it opened; it ends with the context.

    FailedProbe if it opens none, CannotRun if there is no kubectl.
    """
    try:
        child = subprocess.Popen(
            ["kubectl", *args, POD_TIMEOUT],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    except FileNotFoundError as error:
        raise CannotRun(NO_KUBECTL) from error
    with child:
        try:
            yield _opened(child)
        finally:
            child.terminate()
            try:
                child.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                child.kill()


def complaint(printed: str) -> str:
    """What kubectl says went wrong: its last line, without what it begins every error with."""
    lines = printed.strip().splitlines() or ["it ended without a word"]
    return PREAMBLE.sub("", lines[-1])


def parse_port(printed: str) -> int | None:
    """The port in what port-forward printed so far, if it is in there."""
    found = FORWARDING.search(printed)
    return int(found.group(1)) if found else None


def _opened(child: subprocess.Popen[bytes]) -> int:
    assert child.stdout is not None
    deadline = time.monotonic() + START_TIMEOUT
    printed = ""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([child.stdout], [], [], left)[0]:
            break
        chunk = os.read(child.stdout.fileno(), 4096)
        if not chunk:
            raise FailedProbe(f"kubectl port-forward: {complaint(printed)}")
        printed += chunk.decode(errors="replace")
        if port := parse_port(printed):
            return port
    raise FailedProbe(f"kubectl port-forward opened no port in {START_TIMEOUT:.0f} s")
