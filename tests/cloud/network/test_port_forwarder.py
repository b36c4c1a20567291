"""Ports that lead into the cloud."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.network.netns import path, socket_in
from localcloud.network.port_forwarder import PortForwarder
from tests.cloud.network.stage import PATIENCE, Stage, echo
from tests.unit.localcloud.network.examples import group, interface, tcp, vpc

HOST, ADDRESS = "i-a", "10.0.2.11"


@pytest.fixture
def forwarder(stage: Stage) -> Iterator[PortForwarder]:
    """A forwarder whose machine is the backbone, beside a host that echoes on port 7."""
    stage.show(vpc([interface(HOST, ADDRESS, "sg-1", subnet="private")],
                   [group("sg-1", [tcp(7, "0.0.0.0/0")])]))  # fmt: skip
    stage.run(HOST, 7, echo)
    forwarder = PortForwarder(Path("/proc/self/ns/net"))
    yield forwarder
    forwarder.close()


@pytest.fixture
def port(forwarder: PortForwarder) -> int:
    """A port of the machine that leads to the echo."""
    return forwarder.listen(None, 0, path(HOST), "127.0.0.1", 7)


def connect(port: int, netns: Path | None = None) -> socket.socket:
    client = socket_in(netns)
    client.settimeout(PATIENCE)
    try:
        client.connect(("127.0.0.1", port))
    except OSError:
        client.close()
        raise
    return client


def everything(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(1 << 16), b""))


def test_one_port_leads_to_a_host_from_the_machine_and_from_the_world(
    forwarder: PortForwarder, port: int
) -> None:
    assert forwarder.listen(path("world"), port, path(HOST), "127.0.0.1", 7) == port
    for netns in (None, path("world")):
        with connect(port, netns) as client:
            client.sendall(b"hello")
            assert client.recv(10) == b"hello"


def test_much_is_carried_whole_and_a_half_closed_connection_still_answers(port: int) -> None:
    sent = bytes(range(256)) * 20_000

    def send(client: socket.socket) -> None:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)

    with connect(port) as client:
        sending = threading.Thread(target=send, args=(client,))
        sending.start()
        assert everything(client) == sent + b"over"
        sending.join()


def test_a_port_that_is_taken_is_named_in_one_line(forwarder: PortForwarder, port: int) -> None:
    with pytest.raises(OSError, match=f"127.0.0.1:{port} on this machine: Address already in use"):
        forwarder.listen(None, port, None, "127.0.0.1", 7)


def test_a_target_that_refuses_ends_the_connection(forwarder: PortForwarder) -> None:
    port = forwarder.listen(None, 0, path(HOST), "127.0.0.1", 9)
    with connect(port) as client:
        assert client.recv(1) == b""


def test_a_port_that_is_stopped_refuses_and_is_free_again(
    forwarder: PortForwarder, port: int
) -> None:
    forwarder.stop(None, port)
    with pytest.raises(ConnectionRefusedError):
        connect(port)
    assert forwarder.listen(None, port, path(HOST), "127.0.0.1", 7) == port
