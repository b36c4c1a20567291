"""Restarts processes that exit unexpectedly, and reports each exit.

On AWS, EKS does this for control planes, and systemd does it on a node.
"""

import logging
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.process import Process, ProcessError, tail

# Seconds before the first restart, the second (doubled for each further one), and at most.
FIRST_PAUSE, SECOND_PAUSE, LONGEST_PAUSE = 0.0, 0.5, 30.0
STABLE = 10.0  # seconds of running after which exits are counted from zero again
LOOPING = 3  # exits in a row after which a process is failing even while it runs
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Exit:
    """An unexpected exit: how many `times` in a row it happened, and how the log ends."""

    exit_code: int | None
    times: int
    log_tail: str

    @property
    def short(self) -> str:
        often = f" {self.times} times in a row" if self.times > 1 else ""
        return f"exited{often} ({self.exit_code})"

    def __str__(self) -> str:
        return f"{self.short}:\n{self.log_tail}"


@dataclass(eq=False)
class Watched:
    """A supervised process.

    `exits` counts its exits in a row, `last` is the latest one. `pidfd` is None while it is down.
    `due` is the time, by time.monotonic(), at which the supervisor restarts it, if it is down, or
    sets `exits` to 0, if it runs; None: neither.
    """

    process: Process
    changed: Callable[[], None]
    exits: int = 0
    last: Exit | None = None
    due: float | None = None
    pidfd: int | None = None

    @property
    def serves(self) -> bool:
        """Whether its probe has passed and, if it was restarted since, passes now."""
        if self.pidfd is None or not self.process.served:
            return False
        return self.last is None or self.process.probe()

    @property
    def failure(self) -> str | None:
        """Its last exit, if it has exited LOOPING times in a row or has never served."""
        if self.last is None or (self.exits < LOOPING and self.process.served):
            return None
        return str(self.last)


def pause(exits: int) -> float:
    """The seconds until the restart after this many exits in a row."""
    return FIRST_PAUSE if exits < 2 else min(SECOND_PAUSE * 2.0 ** (exits - 2), LONGEST_PAUSE)


class Supervisor:
    """Waits for processes to exit, each by a pidfd, and restarts them, all in one thread.

    A process that exits before its probe has ever passed is left to Supervised.wait; one without a
    probe, such as etcd, is always restarted.
    """

    def __init__(self, pause: Callable[[int], float] = pause, stable: float = STABLE) -> None:
        self._pause, self._stable = pause, stable
        self._poll = select.epoll()
        self._watched: dict[str, Watched] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._wake = os.eventfd(0)
        self._poll.register(self._wake, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    def start(self, process: Process, changed: Callable[[], None]) -> None:
        """Start a process, and restart it when it exits, until `forget` is called.

        `changed` is called in the supervisor's thread after each exit and each restart, and
        when the process has run for long enough to count as recovered.
        """
        with self._lock:
            self._drop(process.name)
        process.start()
        with self._lock:
            self._watched[process.name] = Watched(process, changed)
            self._open_pidfd(self._watched[process.name])
        os.eventfd_write(self._wake, 1)

    def forget(self, process: Process) -> None:
        """Do not restart this process when it exits."""
        with self._lock:
            found = self._watched.get(process.name)
            if found and found.process is process:
                self._drop(process.name)

    def watched(self) -> list[Watched]:
        """The processes that should run."""
        with self._lock:
            return list(self._watched.values())

    def _open_pidfd(self, watched: Watched) -> None:
        try:
            watched.pidfd = os.pidfd_open(watched.process.pid or 0)
            self._poll.register(watched.pidfd, select.EPOLLIN)
        except OSError:  # it has exited already
            self._exited(watched)

    def _close_pidfd(self, watched: Watched) -> None:
        if watched.pidfd is not None:
            self._poll.unregister(watched.pidfd)
            os.close(watched.pidfd)
            watched.pidfd = None

    def _drop(self, name: str) -> None:
        found = self._watched.pop(name, None)
        if found:
            self._close_pidfd(found)

    def _run(self) -> None:
        while True:
            self._poll.poll(self._until_due())
            with self._lock:
                if self._closed:
                    return
                # Poll again: the number of a closed pidfd may have been reused meanwhile.
                ready = {fd for fd, _ in self._poll.poll(0)}
                if self._wake in ready:
                    os.eventfd_read(self._wake)
                changed = [w for w in list(self._watched.values()) if self._attend(w, ready)]
            for watched in changed:
                self._report(watched)

    def _until_due(self) -> float | None:
        dues = [watched.due for watched in self.watched() if watched.due is not None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def _attend(self, watched: Watched, ready: set[int]) -> bool:
        """Handle an exit, a restart or a reset that is due; returns whether there was one."""
        if watched.pidfd in ready:
            self._exited(watched)
        elif watched.due is None or watched.due > time.monotonic():
            return False
        elif watched.pidfd is None:
            self._restart(watched)
        else:
            watched.exits, watched.due = 0, None
        return True

    def _exited(self, watched: Watched, error: str = "") -> None:
        self._close_pidfd(watched)
        process = watched.process
        process.kill_group()
        watched.exits += 1
        watched.last = Exit(process.exit_code, watched.exits, error or tail(process.log))
        watched.due = time.monotonic() + self._pause(watched.exits) if process.served else None
        log.error("%s %s", process.name, watched.last)

    def _restart(self, watched: Watched) -> None:
        watched.due = time.monotonic() + self._stable
        try:
            watched.process.start()
        except OSError as error:
            self._exited(watched, str(error))
        else:
            self._open_pidfd(watched)

    @staticmethod
    def _report(watched: Watched) -> None:
        try:
            watched.changed()
        except Exception:  # a listener that fails must not end the supervision of the others
            log.exception("reporting %s", watched.process.name)

    def close(self) -> None:
        """Stop watching, and end the thread."""
        with self._lock:
            self._closed = True
        os.eventfd_write(self._wake, 1)
        self._thread.join()
        with self._lock:
            for name in list(self._watched):
                self._drop(name)
        self._poll.close()
        os.close(self._wake)


class Supervised:
    """The supervised processes of one owner, such as a node or a control plane."""

    def __init__(self, supervisor: Supervisor, changed: Callable[[], None] = lambda: None) -> None:
        self._supervisor = supervisor
        self._changed = changed
        self.processes: dict[str, Process] = {}

    def start(self, process: Process) -> Process:
        """Start it, without waiting for health; returns it."""
        self.processes[process.name] = process
        self._supervisor.start(process, self._changed)
        return process

    def wait(self, process: Process) -> None:
        """Wait until a process serves; start it again if it exits once. Raises ProcessError."""
        try:
            process.wait_healthy()
        except ProcessError:
            if process.running:
                raise
            self.start(process).wait_healthy()

    @property
    def failure(self) -> str | None:
        """The name and Watched.failure of the first process that has one."""
        own = [w for w in self._supervisor.watched() if w.process.name in self.processes]
        return next((f"{w.process.name} {w.failure}" for w in own if w.failure), None)

    def stop(self, name: str) -> None:
        """Stop a process by name, if there is one."""
        process = self.processes.pop(name, None)
        if process:
            self._supervisor.forget(process)
            process.stop()

    def forget(self) -> None:
        """Do not restart any of them when they exit."""
        for process in self.processes.values():
            self._supervisor.forget(process)

    def kill(self) -> None:
        """Kill all of them, the last started first; safe to repeat."""
        self.forget()
        for process in reversed(list(self.processes.values())):
            process.signal(signal.SIGKILL)
        while self.processes:
            self.processes.popitem()[1].stop()
