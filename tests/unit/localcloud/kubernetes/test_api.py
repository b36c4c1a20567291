"""The thin client against a server that answers as the API server does."""

import threading
from pathlib import Path
from typing import Any

import pytest

from localcloud.kubernetes.api import Api, ApiError, Unreachable
from localcloud.kubernetes.informer import Informer
from localcloud.kubernetes.manifests import manifest, path
from tests.unit.localcloud.kubernetes.conftest import Server

NODES = "/api/v1/nodes"


def _node(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


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
    assert dict(informer.items()) == {
        "b": _node("b") | {"status": {"ready": True}}, "c": _node("c")
    }  # fmt: skip
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
    server.answers["GET", NODES] = (
        200, {"metadata": {"resourceVersion": "6"}, "items": [_node("new")]}
    )  # fmt: skip
    while not informer.items():
        assert changed.acquire(timeout=5)
    assert informer.items() == [("new", _node("new"))]
    informer.close()
    informer.join(5)
