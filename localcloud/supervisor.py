"""Tells at once when a process that should run has ended."""

import logging
import os
import select
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.process import Process, tail

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Death:
    """A process that ended although nobody stopped it, and the end of its log."""

    name: str
    log_tail: str

    def __str__(self) -> str:
        return f"{self.name} ended:\n{self.log_tail}"


class Supervisor:
    """Waits for the end of processes, each by a pidfd, all in one thread."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._watched: dict[int, tuple[Process, Callable[[Death], None]]] = {}
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = os.pipe()
        self._poll.register(self._wake_read, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    def watch(self, process: Process, died: Callable[[Death], None]) -> None:
        """Call `died` once when the process ends, unless `forget` came first."""
        try:
            handle = os.pidfd_open(process.pid or 0)
        except OSError:  # it ended before we could look
            self._tell(process, died)
            return
        with self._lock:
            self._watched[handle] = (process, died)
            self._poll.register(handle, select.EPOLLIN)

    def forget(self, process: Process) -> None:
        """Its end is wanted: do not report it."""
        with self._lock:
            for handle, (watched, _) in list(self._watched.items()):
                if watched is process:
                    self._remove(handle)

    def _remove(self, handle: int) -> tuple[Process, Callable[[Death], None]] | None:
        found = self._watched.pop(handle, None)
        if found:
            self._poll.unregister(handle)
            os.close(handle)
        return found

    def _run(self) -> None:
        while True:
            for handle, _ in self._poll.poll():
                if handle == self._wake_read:
                    return
                with self._lock:
                    ended = self._remove(handle)
                if ended:
                    self._tell(*ended)

    @staticmethod
    def _tell(process: Process, died: Callable[[Death], None]) -> None:
        try:
            died(Death(process.name, tail(process.log)))
        except Exception:  # the supervision of all others must outlive one report
            log.exception("telling of the end of %s", process.name)

    def close(self) -> None:
        """Watch nothing any more."""
        os.write(self._wake_write, b"x")
        self._thread.join()
        with self._lock:
            for handle in list(self._watched):
                self._remove(handle)
        self._poll.close()
        os.close(self._wake_read)
        os.close(self._wake_write)


class Supervised:
    """Processes that are started together with their supervision, and stopped without it."""

    def __init__(self, supervisor: Supervisor, died: Callable[[Death], None]) -> None:
        self._supervisor = supervisor
        self._died = died
        self.processes: dict[str, Process] = {}

    def start(self, process: Process) -> Process:
        """Start it, without waiting for health; returns it."""
        self.processes[process.name] = process.start()
        self._supervisor.watch(process, self._died)
        return process

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
