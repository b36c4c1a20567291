"""The thin client against a server that answers as the API server does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.http import tls_context
from localcloud.kubernetes.api import Api, ApiError, Unreachable
from localcloud.kubernetes.informer import Informer
from localcloud.kubernetes.manifests import manifest, path
from localcloud.pki import Authority

NODES = "/api/v1/nodes"


def _node(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


class Server(ThreadingHTTPServer):
    """Answers of the test's choosing; watches stay open until `end` is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[tuple[str, str], tuple[int, Any]] = {}
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
        status, answer = known or (404, {"message": "not found"})
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _watch(self) -> None:
        self.send_response(200)
        self.end_headers()
        for event in self.server.events:
            self.wfile.write(json.dumps(event).encode() + b"\n")
        self.wfile.flush()
        self.server.end.wait(10)

    do_GET = do_PATCH = do_DELETE = _answer

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
    context = tls_context(authority.issue("server", ["127.0.0.1"]))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    mine, my_key = authority.issue("admin").write(tmp_path, "admin")
    made = Api("127.0.0.1", tmp_path / "ca.crt", mine, my_key, port=server.server_port)
    yield made
    made.close()


def test_an_object_is_applied_by_its_path(api: Api, server: Server) -> None:
    item = manifest("apps/v1", "Deployment", "web", "default", spec={"replicas": 1})
    server.answers["PATCH", path(item)] = (201, item)
    api.apply(item)
    [(_, asked, body)] = server.asked
    assert asked == "/apis/apps/v1/namespaces/default/deployments/web?fieldManager=eks&force=true"
    assert body == item


def test_a_refusal_says_what_the_server_said(api: Api, server: Server) -> None:
    server.answers["GET", NODES] = (403, {"message": "nodes is forbidden"})
    with pytest.raises(ApiError, match="403: nodes is forbidden"):
        api.request("GET", NODES)


def test_what_is_not_there_may_be_deleted_and_read(api: Api) -> None:
    api.delete(manifest("v1", "Node", "gone"))
    assert api.get(f"{NODES}/gone") is None


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path, api: Api) -> None:
    nobody = Api("127.0.0.1", tmp_path / "ca.crt", tmp_path / "admin.crt", tmp_path / "admin.key",
                 port=1)  # fmt: skip
    with pytest.raises(Unreachable):
        nobody.ready()
    with pytest.raises(Unreachable):
        nobody.request("GET", NODES)
    nobody.close()


def test_an_informer_holds_what_the_collection_holds(api: Api, server: Server) -> None:
    listed = {"metadata": {"resourceVersion": "5"}, "items": [_node("a"), _node("b")]}
    server.answers["GET", NODES] = (200, listed)
    server.events = [
        {"type": "ADDED", "object": _node("c")},
        {"type": "DELETED", "object": _node("a")},
        {"type": "MODIFIED", "object": _node("b") | {"status": {"ready": True}}},
    ]
    changed = threading.Semaphore(0)
    informer = Informer(api, NODES, changed.release).start()
    for _ in range(1 + len(server.events)):
        assert changed.acquire(timeout=5)
    ready = _node("b") | {"status": {"ready": True}}
    assert dict(informer.items()) == {"b": ready, "c": _node("c")}
    assert any("resourceVersion=5" in asked for _, asked, _ in server.asked)
    informer.close()
    informer.join(5)
    assert not informer.running


def test_an_informer_lists_again_after_it_lost_the_server(api: Api, server: Server) -> None:
    server.answers["GET", NODES] = (200, {"metadata": {"resourceVersion": "5"}, "items": []})
    server.end.set()  # every watch ends at once
    changed = threading.Semaphore(0)
    informer = Informer(api, NODES, changed.release).start()
    assert changed.acquire(timeout=5)
    listed = {"metadata": {"resourceVersion": "6"}, "items": [_node("new")]}
    server.answers["GET", NODES] = (200, listed)
    while not informer.items():
        assert changed.acquire(timeout=5)
    assert informer.items() == [("new", _node("new"))]
    informer.close()
    informer.join(5)
