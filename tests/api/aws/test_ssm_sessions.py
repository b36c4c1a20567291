"""Session Manager with its real client, session-manager-plugin, started as `aws` starts it.

It talks to the worker that the cloud starts on an instance. Here that runs on this machine.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
"""

import json
import os
import re
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.tools import find
from tests.api.aws.support import KEY, REGION, Client
from tests.terminal import SECONDS, Terminal

FORWARD = "AWS-StartPortForwardingSession"
BIG = 5_000_000  # bytes, more than the multiplexer's buffer of 4 MiB


def until(holds: Callable[[], Any], what: str) -> Any:
    """The first true result of a function."""
    end = time.monotonic() + SECONDS
    while not (found := holds()):
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)
    return found


class Plugin(Terminal):
    """A running client for the answer of StartSession; `folder` is for its temporary files."""

    def __init__(self, ssm: Any, url: str, folder: str, target: str, **more: Any) -> None:
        asked = {"Target": target, **more}
        answer = ssm.start_session(**asked)
        self.id = answer["SessionId"]
        given = {name: answer[name] for name in ("SessionId", "TokenValue", "StreamUrl")}
        program = find().binary("session-manager-plugin")
        keys = {"AWS_ACCESS_KEY_ID": KEY[0], "AWS_SECRET_ACCESS_KEY": KEY[1]}
        super().__init__(
            [program, json.dumps(given), REGION, "StartSession", "", json.dumps(asked), url],
            os.environ | keys | {"AWS_EC2_METADATA_DISABLED": "true", "TMPDIR": folder},
        )


Start = Callable[..., Plugin]


@pytest.fixture
def start(api: AwsApi, ssm: Any, url: str, instance: str) -> Iterator[Start]:
    """Starts a session on the instance with the client; no worker is left at the end."""
    worker = str(find().binary("ssm-session-worker"))

    def work(target: str, settings: str, connection: socket.socket) -> "subprocess.Popen[bytes]":
        assert target == instance
        environment = {"PATH": os.environ["PATH"], "SESSION": settings}
        return subprocess.Popen([worker], stdin=connection.fileno(), env=environment)

    api.sessions.start_worker = work
    made: list[Plugin] = []

    def run(**more: Any) -> Plugin:
        made.append(Plugin(ssm, url, folder, instance, **more))
        return made[-1]

    with tempfile.TemporaryDirectory() as folder:  # its sockets do not fit into pytest's paths
        yield run
        for plugin in made:
            plugin.close()
    until(lambda: not any(api.sessions.active()), "every worker has ended")


def test_a_shell(start: Start, ssm: Any, instance: str) -> None:
    plugin = start(Reason="a look")
    plugin.type("echo $((6*7)) $TERM [$SESSION]\n")
    plugin.shows(r"\s42 xterm-256color \[\]")
    plugin.type("stty size\n")
    plugin.shows(r"\s33 101\s")
    plugin.type("sleep 600; echo stopped\n")
    plugin.shows("echo stopped")
    plugin.signal(signal.SIGINT)
    plugin.shows(r"\^C")
    plugin.type("seq 60000\n")  # more messages than may wait for their acknowledgement
    plugin.shows(r"\s60000\s")
    (found,) = ssm.describe_sessions(State="Active")["Sessions"]
    assert (found["SessionId"], found["Target"]) == (plugin.id, instance)
    assert (found["Status"], found["Reason"]) == ("Connected", "a look")
    assert re.fullmatch(r"developer-[0-9a-f]{17}", plugin.id)
    plugin.type("exit\n")
    plugin.shows(f"Exiting session with sessionId: {plugin.id}")
    assert plugin.code() == 0
    until(lambda: not ssm.describe_sessions(State="Active")["Sessions"], "it has ended")
    (found,) = ssm.describe_sessions(
        State="History", Filters=[{"key": "Target", "value": instance}]
    )["Sessions"]
    assert found["Status"] == "Terminated"
    assert found["EndDate"] >= found["StartDate"]


class Echo(socketserver.BaseRequestHandler):
    """Sends back what comes, or for `big` that many bytes."""

    open = 0

    def handle(self) -> None:
        type(self).open += 1
        try:
            while data := self.request.recv(65536):
                self.request.sendall(b"x" * BIG if data == b"big" else data)
        except OSError:
            pass
        type(self).open -= 1


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def forwarded(start: Start, port: int, **more: str) -> tuple[Plugin, int]:
    """A session that forwards a port of the client's choice to one of the instance."""
    document = f"{FORWARD}ToRemoteHost" if more else FORWARD
    given = {name: [value] for name, value in {"portNumber": str(port), **more}.items()}
    plugin = start(DocumentName=document, Parameters=given)
    return plugin, int(plugin.shows(r"Port (\d+) opened")[1])


def exchange(port: int, text: bytes, size: int) -> int:
    """Send text, and read until that many bytes have come or the other end closes."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        threading.Thread(target=connection.sendall, args=(text,)).start()
        total = 0
        while total < size and (data := connection.recv(65536)):
            total += len(data)
        return total


@pytest.mark.parametrize("more", [{}, {"host": "127.0.0.1"}, {"host": "localhost"}], ids=str)
def test_a_port_is_forwarded_for_several_connections_at_once(
    start: Start, echo: int, more: dict[str, str]
) -> None:
    plugin, port = forwarded(start, echo, **more)
    for left in (b"big", b"y"):  # clients that leave, one of them in the middle of an answer
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(left)
            assert connection.recv(1)
    with ThreadPoolExecutor(6) as pool:
        small = [pool.submit(exchange, port, b"z" * n, n) for n in range(1, 5)]
        big = pool.submit(exchange, port, b"big", BIG)
        assert [each.result() for each in small] == [1, 2, 3, 4]
        assert big.result() == BIG
    until(lambda: Echo.open == 0, "the server's connections are closed")
    plugin.signal(signal.SIGINT)
    plugin.shows("Terminate signal received")
    assert plugin.code() == 0


def test_a_port_that_nothing_listens_on(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        number = closed.getsockname()[1]
    plugin, port = forwarded(start, number)
    assert exchange(port, b"hello", 1) == 0
    plugin.shows("Connection to destination port failed")
    assert exchange(port, b"again", 1) == 0


def by_api(client: Client, plugin: Plugin, worker: "subprocess.Popen[bytes]") -> None:
    found = client("ssm").terminate_session(SessionId=plugin.id)
    assert found["SessionId"] == plugin.id


def with_instance(client: Client, plugin: Plugin, worker: "subprocess.Popen[bytes]") -> None:
    ec2 = client("ec2")
    found = ec2.describe_instances()["Reservations"][0]["Instances"][0]
    ec2.terminate_instances(InstanceIds=[found["InstanceId"]])


def with_worker(client: Client, plugin: Plugin, worker: "subprocess.Popen[bytes]") -> None:
    """The client asks to resume the session, and gets no token."""
    worker.kill()


@pytest.mark.parametrize(
    ("end", "words"),
    [(by_api, "Exiting session"), (with_instance, "Exiting session"), (with_worker, "timed out")],
)
@pytest.mark.parametrize("document", ["", FORWARD])
def test_a_session_that_ends_tells_its_client(
    api: AwsApi, client: Client, start: Start, end: Any, words: str, document: str
) -> None:
    plugin = start(**({"DocumentName": document} if document else {}))
    plugin.shows("opened for" if document else r"[#$] ")
    (session,) = api.sessions.active()
    until(lambda: session.worker is not None, "the session has a worker")
    assert session.worker
    end(client, plugin, session.worker)
    plugin.shows(words)
    assert plugin.code() == 0
    assert session.worker.wait(SECONDS) is not None
    until(lambda: session.status == "Terminated", "the session has ended")


def test_another_token_opens_no_session(api: AwsApi, start: Start) -> None:
    make = api.sessions.start_worker

    def work(target: str, settings: str, connection: socket.socket) -> Any:
        assert make
        return make(target, settings.replace('"TokenValue": "', '"TokenValue": "x'), connection)

    api.sessions.start_worker = work
    plugin = start()
    (session,) = list(api.sessions.started.values())
    until(lambda: session.status == "Terminated", "the worker has refused")
    plugin.shows("Starting session")
