"""Forwards TCP ports of 127.0.0.1 in one network namespace to servers in another."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from localcloud.network.event_loop import EventLoopThread
from localcloud.network.netns import socket_in

LOOPBACK = "127.0.0.1"
CHUNK = 1 << 16  # bytes
BACKLOG = 128
CONNECT_TIMEOUT = 10.0  # seconds


class PortForwarder:
    """The forwarded ports; `machine_netns` is the path of the machine's network namespace."""

    def __init__(self, machine_netns: Path) -> None:
        self._machine_netns = machine_netns
        self._servers: dict[tuple[Path | None, int], asyncio.Server] = {}
        self._loop = EventLoopThread("forwarder")

    def listen(
        self,
        listen_netns: Path | None,
        port: int,
        target_netns: Path | None,
        target_address: str,
        target_port: int,
        admits: Callable[[], bool] = lambda: True,
    ) -> int:
        """Listen on 127.0.0.1:`port` (0: any free port) and forward connections; returns the port.

        A `listen_netns` of None is the machine's network namespace, a `target_netns` of None the
        backbone. While `admits` returns False, new connections get no answer, as if a security
        group dropped their packets. Raises OSError, with one line, when the port is taken.
        """
        listener = socket_in(listen_netns or self._machine_netns)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((LOOPBACK, port))
        except OSError as error:
            listener.close()
            where = listen_netns.name if listen_netns else "this machine"
            raise OSError(error.errno, f"{LOOPBACK}:{port} on {where}: {error.strerror}") from error
        target = _Target(target_netns, target_address, target_port, admits)
        bound = int(listener.getsockname()[1])
        server = self._loop.call(asyncio.start_server(target.serve, sock=listener, backlog=BACKLOG))
        self._servers[listen_netns, bound] = server
        return bound

    def stop(self, listen_netns: Path | None, port: int) -> None:
        """Stop listening on a port, if it is forwarded; its open connections stay open."""
        server = self._servers.pop((listen_netns, port), None)
        if server:
            self._loop.call(_close(server))

    def close(self) -> None:
        """End every listener and connection."""
        for listen_netns, port in list(self._servers):
            self.stop(listen_netns, port)
        self._loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()


@dataclass(frozen=True)
class _Target:
    """Where the connections to one forwarded port go, while `admits` returns True."""

    netns: Path | None
    address: str
    port: int
    admits: Callable[[], bool]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until both sides have ended it."""
        far_writer: asyncio.StreamWriter | None = None
        try:
            if not self.admits():
                while await reader.read(CHUNK):  # until the client gives up
                    pass
                return
            far_reader, far_writer = await self._connect()
            await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))
        except OSError:  # one side failed (refused, reset, timed out): abort the other
            for end in filter(None, (writer, far_writer)):
                end.transport.abort()
        finally:
            for end in filter(None, (writer, far_writer)):
                end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        connection = socket_in(self.netns)
        connection.setblocking(False)
        try:
            loop = asyncio.get_running_loop()
            address = (self.address, self.port)
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await loop.sock_connect(connection, address)
        except BaseException:  # also when cancelled: no stream owns the socket yet
            connection.close()
            raise
        return await asyncio.open_connection(sock=connection)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy one direction until its end, and signal that end to the receiver."""
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    with suppress(OSError):  # the receiver has closed already
        writer.write_eof()
