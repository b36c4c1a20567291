"""A network for one test: hosts as records ask for them, with small servers on them."""

import json
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress

from localcloud.aws.snapshots import Vpc
from localcloud.changes import Changes
from localcloud.network.netns import path, socket_in
from localcloud.network.reconciler import NetworkReconciler
from localcloud.paths import NETNS
from localcloud.supervisor import Supervisor
from tests.unit.localcloud.network.examples import FakeSnapshots

PATIENCE = 5.0  # seconds for what must come
REFUSAL = 0.4  # seconds after which what must not come is taken to be dropped


class Stage:
    """The network of `records`, made real."""

    def __init__(self) -> None:
        self.snapshots, self.changes, self.supervisor = FakeSnapshots(), Changes(), Supervisor()
        self.network = NetworkReconciler(self.snapshots, self.changes)
        self._servers: list[socket.socket] = []
        self._datagrams: list[socket.socket] = []
        self.network.reconcile()

    def close(self) -> None:
        """Take everything away, and look for what is left."""
        running = self.supervisor.watched()
        self.supervisor.close()
        for watched in running:
            watched.process.stop()
        for server in self._servers:
            server.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            server.close()
        for server in self._datagrams:
            with suppress(OSError):  # not connected, but it wakes the thread
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        self.show()
        assert [entry.name for entry in NETNS.iterdir()] == ["world"]

    def show(self, *vpcs: Vpc) -> None:
        """Let these VPCs be the records, and make them real."""
        self.snapshots.networks = vpcs
        self.network.reconcile()

    def serve(self, host: str | None, port: int, address: str = "") -> None:
        """Answer every connection to a host's port with the host's name and who it sees."""

        def answer(client: socket.socket) -> None:
            client.sendall(f"{host} sees {client.getpeername()[0]}".encode())

        self.run(host, port, answer, address)

    def run(
        self, host: str | None, port: int, talk: Callable[[socket.socket], None], address: str = ""
    ) -> None:
        """Hand every connection to a host's port to `talk`, then end it."""
        server = socket_in(path(host) if host else None)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, port))
        server.listen()
        self._servers.append(server)
        threading.Thread(target=_serve, args=(server, talk), daemon=True).start()

    def serve_datagrams(self, host: str, port: int) -> None:
        """Answer every datagram in the same way."""
        server = socket_in(path(host), kind=socket.SOCK_DGRAM)
        server.bind(("", port))
        self._datagrams.append(server)

        def answer() -> None:
            for _, client in iter(lambda: server.recvfrom(100), (b"", None)):  # until shut down
                server.sendto(f"{host} sees {client[0]}".encode(), client)

        threading.Thread(target=answer, daemon=True).start()

    def ask_datagram(self, host: str, address: str, port: int) -> str:
        """What answers a datagram of a host. Raises OSError when nothing comes back."""
        with socket_in(path(host), kind=socket.SOCK_DGRAM) as client:
            client.settimeout(PATIENCE)
            client.connect((address, port))
            client.send(b"who?")
            return client.recv(200).decode()

    def ask(self, host: str, address: str, port: int, source: str = "") -> str:
        """What a server answers to a host. Raises OSError when nothing comes through."""
        with self.open(host, address, port, source) as client:
            return client.recv(200).decode()

    def reaches(self, host: str, address: str, port: int, source: str = "") -> bool:
        """Whether a host can open a connection, tried for a moment only."""
        try:
            self.open(host, address, port, source, REFUSAL).close()
        except OSError:
            return False
        return True

    def open(
        self, host: str, address: str, port: int, source: str = "", patience: float = PATIENCE
    ) -> socket.socket:
        """A connection of a host; raises OSError when it does not come about."""
        client = socket_in(path(host))
        try:
            client.bind((source, 0))
            client.settimeout(patience)
            client.connect((address, port))
        except OSError:
            client.close()
            raise
        return client

    def arrives(self, host: str, source: str, to: str, address: str, port: int = 9) -> bool:
        """Whether one datagram of a host, sent as `source`, comes to another host."""
        datagram = socket.SOCK_DGRAM
        with (
            socket_in(path(to), kind=datagram) as server,
            socket_in(path(host), kind=datagram) as client,
        ):
            server.bind((address, port))
            server.settimeout(REFUSAL)
            client.bind((source, 0))
            client.sendto(b"one way", (address, port))
            try:
                return server.recv(10) == b"one way"
            except TimeoutError:
                return False

    def count(self, router: str) -> int:
        """How many packets a router has sent to the backbone."""
        command = ["ip", "-n", router, "-s", "-j", "link", "show", "up0"]
        shown = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        return int(shown[0]["stats64"]["tx"]["packets"])

    def commands(self, host: str, *lines: str) -> None:
        """Run `ip` commands on a host."""
        for line in lines:
            subprocess.run(["ip", "-n", host, *line.split()], check=True)

    def restart(self) -> None:
        """Go on with a reconciler that knows nothing."""
        self.network = NetworkReconciler(self.snapshots, self.changes)


def echo(client: socket.socket) -> None:
    """Send back what comes, and "over" at its end."""
    while data := client.recv(1 << 16):
        client.sendall(data)
    client.sendall(b"over")


def _serve(server: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:  # closed: the test is over
            return
        with client, suppress(OSError):  # who asked may have gone
            talk(client)
