"""Delivers the access logs that nginx writes, in a thread of its own.

A log is renamed, nginx opens a new one, and at the next turn, when no worker writes to the old one
any more, it is delivered and removed. So a log takes no more place than two turns fill.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from localcloud.aws.snapshots import LoadBalancer
from localcloud.network.balancer import access_log, network_access_log

DELIVERY_SECONDS = 5.0  # between deliveries; AWS has 5 minutes
OLD = "access.log.old"
Deliver = Callable[[LoadBalancer, bytes], None]
"""Takes AWS's lines of a load balancer that has access logs."""
log = logging.getLogger(__name__)


class LogDelivery:
    """The logs of all load balancers, by ARN: the record, its folder, how nginx opens a new log."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._logs: dict[str, tuple[LoadBalancer, Path, Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access-logs", daemon=True)
        self._thread.start()

    def watch(self, balancer: LoadBalancer, folder: Path, reopen: Callable[[], None]) -> None:
        """Deliver what is written to the folder, as the record says now.

        What nginx writes until logs are turned off is delivered to where they went.
        """
        if balancer.access_logs:
            with self._lock:
                self._logs[balancer.arn] = balancer, folder, reopen

    def finish(self, arn: str) -> None:
        """Deliver the rest of a load balancer's logs, whose nginx has ended."""
        with self._lock:
            if arn in self._logs:
                balancer, folder, _ = self._logs.pop(arn)
                for name in (OLD, access_log.FILE):
                    self._take(balancer, folder / name)

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(DELIVERY_SECONDS):
            with self._lock:
                for arn in list(self._logs):
                    self._turn(arn)

    def _turn(self, arn: str) -> None:
        balancer, folder, reopen = self._logs[arn]
        current, old = folder / access_log.FILE, folder / OLD
        self._take(balancer, old)
        try:
            if current.stat().st_size:
                current.rename(old)
                reopen()
        except FileNotFoundError:  # nginx has not started yet
            return

    def _take(self, balancer: LoadBalancer, path: Path) -> None:
        """Deliver a file and remove it."""
        try:
            written = path.read_bytes()
        except FileNotFoundError:
            return
        path.unlink()
        try:
            if written:
                network = balancer.type == "network"
                line = network_access_log.line if network else access_log.line
                self._deliver(balancer, access_log.lines(written, balancer.arn, line))
        except Exception:  # the logs of others are still delivered
            log.exception("access logs of %s are lost", balancer.name)
