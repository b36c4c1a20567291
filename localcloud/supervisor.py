"""Keeps processes running: one that ends by itself is told of, and started again.

As AWS does with what a customer does not see, and as systemd does on a node.
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

AT_ONCE = 0.0  # seconds until the first start after an end
SOON, LATEST = 0.5, 30.0  # seconds until the second, which doubles with every further one
STABLE = 10.0  # seconds of running after which its ends are counted anew
LOOPING = 3  # ends in a row from which on it counts as failing although it runs
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Death:
    """A process ended although nobody stopped it, so many `times` in a row; how its log ends."""

    exit_code: int | None
    times: int
    log_tail: str

    @property
    def short(self) -> str:
        often = f" {self.times} times in a row" if self.times > 1 else ""
        return f"ended{often} ({self.exit_code})"

    def __str__(self) -> str:
        return f"{self.short}:\n{self.log_tail}"


@dataclass(eq=False)
class Watched:
    """A process, its ends in a row, its last end, and when to start it again or count anew."""

    process: Process
    changed: Callable[[], None]
    deaths: int = 0
    last: Death | None = None
    due: float | None = None
    handle: int | None = None

    @property
    def running(self) -> bool:
        return self.handle is not None and self.process.served

    @property
    def failure(self) -> str | None:
        """Why it does not run for long, or at all; None while all is well."""
        if self.last is None or (self.deaths < LOOPING and self.process.served):
            return None
        return str(self.last)


def pause(deaths: int) -> float:
    """The seconds between the latest of so many ends in a row and the next start."""
    return AT_ONCE if deaths < 2 else min(SOON * 2.0 ** (deaths - 2), LATEST)


class Supervisor:
    """Waits for the end of processes, each by a pidfd, and starts them again, in one thread.

    One that never served is not started again here: see Supervised.wait.
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
        """Start a process and keep it running until `forget`.

        `changed` is called in the supervisor's thread after each end and each start that
        follows, and when the process has run for long enough to count as mended.
        """
        with self._lock:
            self._drop(process.name)
        process.start()
        with self._lock:
            self._watched[process.name] = Watched(process, changed)
            self._open(self._watched[process.name])
        os.eventfd_write(self._wake, 1)

    def forget(self, process: Process) -> None:
        """Its end is wanted from now on."""
        with self._lock:
            found = self._watched.get(process.name)
            if found and found.process is process:
                self._drop(process.name)

    def watched(self) -> list[Watched]:
        """All that should run."""
        with self._lock:
            return list(self._watched.values())

    def _open(self, watched: Watched) -> None:
        try:
            watched.handle = os.pidfd_open(watched.process.pid or 0)
            self._poll.register(watched.handle, select.EPOLLIN)
        except OSError:  # it ended before we could look
            self._ended(watched)

    def _shut(self, watched: Watched) -> None:
        if watched.handle is not None:
            self._poll.unregister(watched.handle)
            os.close(watched.handle)
            watched.handle = None

    def _drop(self, name: str) -> None:
        found = self._watched.pop(name, None)
        if found:
            self._shut(found)

    def _run(self) -> None:
        while True:
            self._poll.poll(self._until_due())
            with self._lock:
                if self._closed:
                    return
                # Looked at once more: the number of a handle may be another's since.
                ready = {handle for handle, _ in self._poll.poll(0)}
                if self._wake in ready:
                    os.eventfd_read(self._wake)
                changed = [w for w in list(self._watched.values()) if self._attend(w, ready)]
            for watched in changed:
                self._tell(watched)

    def _until_due(self) -> float | None:
        dues = [watched.due for watched in self.watched() if watched.due is not None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def _attend(self, watched: Watched, ready: set[int]) -> bool:
        """Do what is due for a process; whether anything was."""
        if watched.handle in ready:
            self._ended(watched)
        elif watched.due is None or watched.due > time.monotonic():
            return False
        elif watched.handle is None:
            self._start_again(watched)
        else:
            watched.deaths, watched.due = 0, None
        return True

    def _ended(self, watched: Watched, said: str | None = None) -> None:
        self._shut(watched)
        process = watched.process
        process.kill_group()
        watched.deaths += 1
        watched.last = Death(process.exit_code, watched.deaths, said or tail(process.log))
        watched.due = time.monotonic() + self._pause(watched.deaths) if process.served else None
        log.error("%s %s", process.name, watched.last)

    def _start_again(self, watched: Watched) -> None:
        watched.due = time.monotonic() + self._stable
        try:
            watched.process.start()
        except OSError as error:
            self._ended(watched, str(error))
        else:
            self._open(watched)

    @staticmethod
    def _tell(watched: Watched) -> None:
        try:
            watched.changed()
        except Exception:  # the supervision of all others must outlive one report
            log.exception("telling of %s", watched.process.name)

    def close(self) -> None:
        """Watch nothing any more."""
        with self._lock:
            self._closed = True
        os.eventfd_write(self._wake, 1)
        self._thread.join()
        with self._lock:
            for name in list(self._watched):
                self._drop(name)
        self._poll.close()
        os.close(self._wake)


def _unheard() -> None:
    """Nobody asked to be told."""


class Supervised:
    """The processes of one owner, which run until it stops them; see Supervisor.start."""

    def __init__(self, supervisor: Supervisor, changed: Callable[[], None] = _unheard) -> None:
        self._supervisor = supervisor
        self._changed = changed
        self.processes: dict[str, Process] = {}

    def start(self, process: Process) -> Process:
        """Start it, without waiting for health; returns it."""
        self.processes[process.name] = process
        self._supervisor.start(process, self._changed)
        return process

    def wait(self, process: Process) -> None:
        """Wait until one of them serves; if it ends first, it is started once more.

        Raises ProcessError.
        """
        try:
            process.wait_healthy()
        except ProcessError:
            if process.running:
                raise
            self.start(process).wait_healthy()

    @property
    def failure(self) -> str | None:
        """Why one of them does not run for long, or at all; None while all is well."""
        own = [w for w in self._supervisor.watched() if w.process.name in self.processes]
        return next((f"{w.process.name} {w.failure}" for w in own if w.failure), None)

    def stop(self, name: str) -> None:
        """TERM, wait, KILL; it need not be there."""
        process = self.processes.pop(name, None)
        if process:
            self._supervisor.forget(process)
            process.stop()

    def forget(self) -> None:
        """From now on their ends are wanted."""
        for process in self.processes.values():
            self._supervisor.forget(process)

    def kill(self) -> None:
        """KILL all, the last started first; safe to repeat."""
        self.forget()
        for process in reversed(list(self.processes.values())):
            process.signal(signal.SIGKILL)
        while self.processes:
            self.processes.popitem()[1].stop()
