"""One health check of one target, from its load balancer's network."""

import asyncio
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from localcloud.aws.records import HealthCheck
from localcloud.network.balancer import health
from localcloud.network.netns import socket_in

PROTOCOLS = ("HTTP", "TCP")
LINE_LIMIT = 1 << 14  # bytes of a status line
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})\b")


@dataclass(frozen=True)
class Check:
    """Where to check, from which network, and how."""

    netns: Path
    address: str
    port: int
    how: HealthCheck


async def probe(check: Check) -> str | None:
    """Why the check failed, as the ELB API names it; None when it passed."""
    try:
        async with asyncio.timeout(check.how.timeout):
            return await _probe(check)
    except TimeoutError:
        return health.TIMEOUT
    except (OSError, ValueError):  # refused, reset, no such network, or a matcher of no known form
        return health.FAILED


async def _probe(check: Check) -> str | None:
    connection = socket_in(check.netns)
    connection.setblocking(False)
    try:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (check.address, check.port))
        if check.how.protocol == "TCP":
            return None
        await loop.sock_sendall(connection, _request(check))
        status = _STATUS.match(await _line(connection))
    finally:
        connection.close()
    if status is None:
        return health.FAILED
    return None if health.matches(check.how.matcher, int(status[1])) else health.MISMATCH


def _request(check: Check) -> bytes:
    lines = (
        f"GET {check.how.path} HTTP/1.1",
        f"Host: {check.address}:{check.port}",
        "User-Agent: ELB-HealthChecker/2.0",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _line(connection: socket.socket) -> bytes:
    """The first line that a target answers, or what there is of it when it ends."""
    data = b""
    while b"\n" not in data and len(data) < LINE_LIMIT:
        more = await asyncio.get_running_loop().sock_recv(connection, 1024)
        if not more:
            break
        data += more
    return data
