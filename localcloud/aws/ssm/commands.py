"""Commands sent to instances, and the threads that run them."""

import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

Run = Callable[[str, Sequence[str], float], tuple[int, str, str]]
MAX_OUTPUT = 24_000  # characters, of GetCommandInvocation
DONE = ("Success", "Failed", "TimedOut", "Cancelled")
MAX_CONCURRENCY, MAX_ERRORS = "50", "0"  # the defaults of SendCommand


@dataclass
class Invocation:
    """A command on one instance. `code` is -1 until it has ended, as in the API."""

    instance_id: str
    status: str = "Pending"
    code: int = -1
    terminated: bool = False  # not sent, since too many others failed
    stdout: str = ""
    stderr: str = ""
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def details(self) -> str:
        if self.terminated:
            return "Terminated"
        return "Execution Timed Out" if self.status == "TimedOut" else self.status


@dataclass
class Command:
    """`lines` are the script; `timeout` in seconds. `max_concurrency` and `max_errors` are
    numbers, or percentages of the invocations with "%"."""

    lines: tuple[str, ...]
    timeout: float
    document: str
    comment: str
    parameters: dict[str, list[str]]
    invocations: dict[str, Invocation]
    targets: list[dict[str, Any]] = field(default_factory=list)
    max_concurrency: str = MAX_CONCURRENCY
    max_errors: str = MAX_ERRORS
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    requested: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def status(self) -> str:
        """The status of all invocations together: the first in this order that any of them has."""
        found = {invocation.status for invocation in self.invocations.values()}
        for status in ("InProgress", "Pending", "Failed", "TimedOut", "Cancelled"):
            if status in found:
                return status
        return "Success"

    @property
    def details(self) -> str:
        return self.status if self.invocations else "NoInstancesInTag"

    def share(self, limit: str) -> int:
        """A limit as a number of invocations."""
        if limit.endswith("%"):
            return len(self.invocations) * int(limit[:-1]) // 100
        return int(limit)

    @property
    def failing(self) -> bool:
        """Whether more invocations failed than MaxErrors allows."""
        failed = [i for i in self.invocations.values() if i.status in ("Failed", "TimedOut")]
        return len(failed) > self.share(self.max_errors)


class Commands:
    """The commands that were sent.

    `run(instance_id, lines, timeout)`, set from outside, runs a command and returns exit code,
    stdout and stderr. It raises TimeoutError or subprocess.TimeoutExpired, or OSError if it cannot
    run the command.
    """

    def __init__(self) -> None:
        self.run: Run | None = None
        self.sent: dict[str, Command] = {}
        self._lock = threading.Lock()

    def send(self, command: Command) -> None:
        """Store a command and run it on its instances, in the background, as many at a time as
        its MaxConcurrency says."""
        self.sent[command.id] = command
        waiting = iter(list(command.invocations.values()))
        at_once = max(1, command.share(command.max_concurrency))
        for _ in range(min(at_once, len(command.invocations))):
            name = f"command {command.id}"
            work = partial(self._work, command, waiting)
            threading.Thread(target=work, name=name, daemon=True).start()

    def cancel(self, command: Command, instance_ids: Sequence[str]) -> None:
        """Mark invocations as cancelled. The script goes on if it runs already: AWS does not
        guarantee to stop it either."""
        with self._lock:
            for invocation in command.invocations.values():
                wanted = not instance_ids or invocation.instance_id in instance_ids
                if wanted and invocation.status not in DONE:
                    invocation.status = "Cancelled"

    def _work(self, command: Command, waiting: Iterator[Invocation]) -> None:
        while True:
            with self._lock:
                invocation = next(waiting, None)
                if invocation is None:
                    return
                if invocation.status in DONE:
                    continue
                if command.failing:
                    invocation.status, invocation.terminated = "Cancelled", True
                    continue
                invocation.status, invocation.started = "InProgress", datetime.now(UTC)
            self._run(command, invocation)

    def _run(self, command: Command, invocation: Invocation) -> None:
        result = self._result(command, invocation.instance_id)
        with self._lock:
            invocation.ended = datetime.now(UTC)
            if invocation.status not in DONE:
                for name, value in result.items():
                    setattr(invocation, name, value)

    def _result(self, command: Command, instance_id: str) -> dict[str, Any]:
        try:
            if self.run is None:
                raise OSError("nothing runs commands on instances")
            code, out, err = self.run(instance_id, command.lines, command.timeout)
        except (TimeoutError, subprocess.TimeoutExpired):
            return {"status": "TimedOut", "code": -1, "stderr": "execution timed out"}
        except OSError as error:
            return {"status": "Failed", "code": 255, "stderr": str(error)}
        status = "Success" if code == 0 else "Failed"
        return {
            "status": status,
            "code": code,
            "stdout": out[:MAX_OUTPUT],
            "stderr": err[:MAX_OUTPUT],
        }
