"""Checks the health of targets, each at the interval of its target group, in one thread."""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.aws.elbv2.snapshots import HealthCheck, TargetGroup
from localcloud.aws.elbv2.target_states import Key
from localcloud.network.balancer.target_health import (
    FAILED,
    MISMATCH,
    TIMEOUT,
    Health,
    after_check,
    key_of,
    matches,
    with_times,
)
from localcloud.network.event_loop import EventLoopThread
from localcloud.network.netns import socket_in

PROTOCOLS = ("HTTP", "HTTPS", "TCP")
LINE_LIMIT = 1 << 14  # bytes of a status line
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})\b")
# AWS checks a new target from several places, so it may be healthy before its interval has passed.
# Failures still count once per interval.
INITIAL_INTERVAL = 0.5  # seconds between the checks of a target in the state `initial`


@dataclass(frozen=True)
class Check:
    """A health check of one target, made from the network namespace `netns`."""

    netns: Path
    address: str
    port: int
    settings: HealthCheck


def checks(group: TargetGroup, netns: Path) -> dict[Key, Check]:
    """The health checks of a group's targets, made from a load balancer's network namespace.

    Raises ValueError for a protocol that is not implemented.
    """
    settings = group.health_check
    if settings.protocol not in PROTOCOLS:
        raise ValueError(
            f"{group.arn}: health check protocol {settings.protocol} is not implemented"
        )
    return {
        key_of(group, target): Check(netns, target.address, settings.port or target.port, settings)
        for target in group.targets
        if target.address
    }


async def probe(check: Check) -> str | None:
    """Do the check; returns the ELB API's reason for a failure, or None when it passed."""
    try:
        async with asyncio.timeout(check.settings.timeout):
            return await _probe(check)
    except TimeoutError:
        return TIMEOUT
    except (OSError, ValueError):  # refused, reset, no namespace, a matcher not implemented
        return FAILED


async def _probe(check: Check) -> str | None:
    connection = socket_in(check.netns)
    connection.setblocking(False)
    try:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (check.address, check.port))
        if check.settings.protocol == "TCP":
            return None
        if check.settings.protocol == "HTTPS":
            return _judge(check, await _secure_line(connection, _request(check)))
        await loop.sock_sendall(connection, _request(check))
        return _judge(check, await _first_line(connection))
    finally:
        connection.close()


def _judge(check: Check, line: bytes) -> str | None:
    """The reason for a failure, or None, by the first line of the response."""
    status = _STATUS.match(line)
    if status is None:
        return FAILED
    return None if matches(check.settings.matcher, int(status[1])) else MISMATCH


def _request(check: Check) -> bytes:
    lines = (
        f"GET {check.settings.path} HTTP/1.1",
        f"Host: {check.address}:{check.port}",
        "User-Agent: ELB-HealthChecker/2.0",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _secure_line(connection: socket.socket, request: bytes) -> bytes:
    """The first line of a response over TLS. As on AWS, the certificate is not verified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(
        sock=connection, ssl=context, server_hostname="", limit=LINE_LIMIT
    )
    try:
        writer.write(request)
        return await reader.readline()
    finally:
        writer.transport.abort()


async def _first_line(connection: socket.socket) -> bytes:
    """At least the first line of a response, or what came before the connection ended."""
    data = b""
    while b"\n" not in data and len(data) < LINE_LIMIT:
        more = await asyncio.get_running_loop().sock_recv(connection, 1024)
        if not more:
            break
        data += more
    return data


class Prober:
    """Checks targets in a thread of its own, and keeps their health.

    It calls `changed` in that thread for each target whose state or reason changed.
    """

    def __init__(self, changed: Callable[[Key, Health], None]) -> None:
        self._changed = changed
        self._health: dict[Key, Health] = {}
        self._tasks: dict[Key, tuple[Check, asyncio.Task[None]]] = {}
        self._loop = EventLoopThread("health")

    def watch(self, checks: Mapping[Key, Check]) -> None:
        """Check exactly these targets from now on; a new one is checked at once."""
        self._loop.call(self._watch(dict(checks)))

    def health(self, key: Key) -> Health:
        """The health of a target; `initial` if it is not watched."""
        return self._health.get(key, Health())

    def later(self, seconds: float, function: Callable[[], None]) -> None:
        """Call a function in the prober's thread after some seconds, unless it is closed first."""
        self._loop.later(seconds, function)

    def close(self) -> None:
        """Stop checking."""
        self._loop.close()

    async def _watch(self, checks: dict[Key, Check]) -> None:
        for key, (check, task) in list(self._tasks.items()):
            if checks.get(key) != check:
                task.cancel()
                del self._tasks[key]
        for key in self._health.keys() - checks.keys():
            del self._health[key]
        for key in checks.keys() - self._tasks.keys():
            if key not in self._health:
                self._health[key] = Health(since=time.time())
                self._changed(key, self._health[key])
            self._tasks[key] = checks[key], asyncio.create_task(self._repeat(key, checks[key]))

    async def _repeat(self, key: Key, check: Check) -> None:
        """Check one target for as long as it is watched."""
        loop = asyncio.get_running_loop()
        interval = check.settings.interval
        counted = loop.time() - interval  # when the last result that counts began; the first counts
        while True:
            begun = loop.time()
            failure = await probe(check)
            before = self._health[key]
            if failure is None or begun - counted >= interval:
                counted = begun
                now = with_times(after_check(before, failure, check.settings), before, time.time())
                self._health[key] = now
                if (now.state, now.reason) != (before.state, before.reason):
                    self._changed(key, now)
            initial = self._health[key].state == "initial"
            pause = min(INITIAL_INTERVAL, interval) if initial else interval
            await asyncio.sleep(max(0, begun + pause - loop.time()))
