"""A server that answers as the API server does."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from localcloud.kubernetes.api import Api
from localcloud.pki import Authority

Answer = tuple[int, Any]
NOT_FOUND: Answer = 404, {"message": "not found"}


class Server(ThreadingHTTPServer):
    """Answers of the test's choosing; watches send all `events`, also later ones, until `end`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[tuple[str, str], Answer | Callable[[], Answer]] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.end = threading.Event()

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is no error here."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        self.server.asked.append((self.command, self.path, body))
        if "watch=true" in self.path:
            return self._watch()
        known = self.server.answers.get((self.command, self.path.partition("?")[0]))
        status, answer = (known() if callable(known) else known) or NOT_FOUND
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _watch(self) -> None:
        self.send_response(200)
        self.end_headers()
        sent = 0
        while not self.server.end.wait(0.01):
            for event in self.server.events[sent:]:
                self.wfile.write(json.dumps(event).encode() + b"\n")
                sent += 1
            self.wfile.flush()

    do_GET = do_PATCH = do_POST = do_DELETE = _answer

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.end.set()
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def api(server: Server, tmp_path: Path) -> Iterator[Api]:
    authority = Authority("test")
    (tmp_path / "ca.crt").write_text(authority.certificate)
    certificate, key = authority.issue("server", ["127.0.0.1"]).write(tmp_path, "server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    mine, my_key = authority.issue("admin").write(tmp_path, "admin")
    made = Api("127.0.0.1", tmp_path / "ca.crt", mine, my_key, port=server.server_port)
    yield made
    made.close()
