"""Delivers the access logs that nginx writes, in a thread of its own.

Every few seconds, each log is renamed and nginx opens a new one. The renamed log is delivered and
removed the next time, when no worker writes to it any more.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from localcloud.aws.elbv2.snapshots import LoadBalancer
from localcloud.network.balancer import access_log, network_access_log

DELIVERY_SECONDS = 5.0  # between deliveries; AWS has 5 minutes
OLD = "access.log.old"
Deliver = Callable[[LoadBalancer, bytes], None]
"""Stores lines of a load balancer's access log, which have AWS's format."""
log = logging.getLogger(__name__)


class LogDelivery:
    """Knows, by ARN, each load balancer's record, its folder, and how to reopen nginx's logs."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._logs: dict[str, tuple[LoadBalancer, Path, Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access-logs", daemon=True)
        self._thread.start()

    def watch(self, balancer: LoadBalancer, folder: Path, reopen: Callable[[], None]) -> None:
        """Deliver the logs that nginx writes to `folder`; `reopen` makes it open a new log.

        Once access logs are turned off, the rest goes where the last record that had them says.
        """
        if balancer.access_logs:
            with self._lock:
                self._logs[balancer.arn] = balancer, folder, reopen

    def finish(self, arn: str) -> None:
        """Deliver the rest of a load balancer's logs, after its nginx has ended."""
        with self._lock:
            if arn in self._logs:
                balancer, folder, _ = self._logs.pop(arn)
                for name in (OLD, access_log.FILE):
                    self._deliver_file(balancer, folder / name)

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(DELIVERY_SECONDS):
            with self._lock:
                for arn in list(self._logs):
                    self._rotate(arn)

    def _rotate(self, arn: str) -> None:
        balancer, folder, reopen = self._logs[arn]
        current, old = folder / access_log.FILE, folder / OLD
        self._deliver_file(balancer, old)
        try:
            if current.stat().st_size:
                current.rename(old)
                reopen()
        except FileNotFoundError:  # nginx has not started yet
            return

    def _deliver_file(self, balancer: LoadBalancer, path: Path) -> None:
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
        except Exception:  # other load balancers' logs must still be delivered
            log.exception("access logs of %s are lost", balancer.name)
