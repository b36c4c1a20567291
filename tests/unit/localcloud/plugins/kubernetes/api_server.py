"""A small API server on loopback for tests: real HTTP, objects in memory, answers by script.

It stores what is applied as it came (no merging, no defaults), counts resourceVersions, and serves
lists and watches. `fail` makes the next matching requests fail; `expire` and `hang_up` do to the
watches what a real one does now and then.
"""

import copy
import json
import queue
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Obj = dict[str, Any]
RESOURCES = {
    "/api/v1": [("ConfigMap", "configmaps"), ("Pod", "pods"), ("Service", "services"),
                ("Event", "events"), ("Secret", "secrets")],
    "/apis/apps/v1": [("Deployment", "deployments"), ("ReplicaSet", "replicasets")],
    "/apis/discovery.k8s.io/v1": [("EndpointSlice", "endpointslices")],
}  # fmt: skip


@dataclass
class Failure:
    """An answer in place of the real one, for so many requests."""

    method: str
    path: str
    code: int
    body: Any
    times: int
    headers: dict[str, str]


@dataclass
class ApiServer:
    """What the server holds; `requests` are (method, path, query, body) in their order."""

    objects: dict[str, Obj] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    warning: str = ""
    url: str = ""
    _version: int = 100
    _failures: list[Failure] = field(default_factory=list)
    _watches: dict[str, list["queue.SimpleQueue[Obj | None]"]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    watching: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def put(self, path: str, obj: Obj) -> Obj:
        """Store an object at its path, and tell the watches."""
        with self._lock:
            old = self.objects.get(path)
            self._version += 1
            new = copy.deepcopy(obj)
            metadata = new.setdefault("metadata", {})
            metadata.setdefault("name", path.rpartition("/")[2])
            uid = old["metadata"]["uid"] if old else f"uid-{self._version}"
            metadata.update(resourceVersion=str(self._version), uid=uid)
            self.objects[path] = new
            self._tell(path, "MODIFIED" if old else "ADDED", new)
            return new

    def remove(self, path: str) -> None:
        """Delete an object, and tell the watches."""
        with self._lock:
            self._version += 1
            obj = self.objects.pop(path)
            obj["metadata"]["resourceVersion"] = str(self._version)
            self._tell(path, "DELETED", obj)

    def fail(self, method: str, path: str, code: int, body: Any, times: int = 1,
             **headers: str) -> None:  # fmt: skip
        """Answer the next requests whose path matches with this."""
        self._failures.append(Failure(method, path, code, body, times, headers))

    def expire(self, collection: str) -> None:
        """Tell a collection's watches that they are too far behind."""
        gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}
        self._end(collection, gone)

    def hang_up(self, collection: str) -> None:
        """End a collection's watches as a restart or a timeout does."""
        self._end(collection, None)

    def count(self, method: str, path: str) -> int:
        """How many requests there were."""
        return sum(m == method and re.fullmatch(path, p) is not None
                   for m, p, _, _ in self.requests)  # fmt: skip

    def failure(self, method: str, path: str) -> Failure | None:
        """The scripted answer for a request, used up by this look."""
        with self._lock:
            for failure in self._failures:
                if failure.method == method and re.fullmatch(failure.path, path):
                    failure.times -= 1
                    if not failure.times:
                        self._failures.remove(failure)
                    return failure
        return None

    def listed(self, collection: str, query: dict[str, str]) -> Obj:
        """A collection as a list."""
        with self._lock:
            items = [
                obj for path, obj in self.objects.items()
                if path.rpartition("/")[0] == collection and _selected(obj, query)
            ]  # fmt: skip
            return {"items": copy.deepcopy(items),
                    "metadata": {"resourceVersion": str(self._version)}}  # fmt: skip

    def events(self, collection: str, since: int) -> "queue.SimpleQueue[Obj | None]":
        """A new watch."""
        with self._lock:
            events: queue.SimpleQueue[Obj | None] = queue.SimpleQueue()
            for path, obj in self.objects.items():
                if int(obj["metadata"]["resourceVersion"]) > since and path.startswith(collection):
                    events.put({"type": "ADDED", "object": obj})
            self._watches.setdefault(collection, []).append(events)
            self.watching.release()
            return events

    def _tell(self, path: str, type_: str, obj: Obj) -> None:
        for events in self._watches.get(path.rpartition("/")[0], []):
            events.put({"type": type_, "object": copy.deepcopy(obj)})

    def _end(self, collection: str, last: Obj | None) -> None:
        with self._lock:
            for events in self._watches.pop(collection, []):
                if last is not None:
                    events.put(last)
                events.put(None)


def _selected(obj: Obj, query: dict[str, str]) -> bool:
    field = query.get("fieldSelector", "")
    if field:
        path, _, wanted = field.partition("=")
        outer, inner = path.split(".")
        return bool(obj.get(outer, {}).get(inner) == wanted)
    labels = obj["metadata"].get("labels", {})
    pairs = [pair.partition("=") for pair in query.get("labelSelector", "").split(",") if pair]
    return all(labels.get(key) == value for key, _, value in pairs)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: ApiServer

    def log_message(self, *_: Any) -> None:
        pass

    def _handle(self) -> None:
        split = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(split.query).items()}
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        self.api.requests.append((self.command, split.path, query, body))
        self.api.headers.append(dict(self.headers))
        failure = self.api.failure(self.command, split.path)
        if failure is not None:
            self._answer(failure.code, failure.body, failure.headers)
        elif query.get("watch"):
            self._watch(split.path, int(query["resourceVersion"]), query)
        else:
            self._answer(*getattr(self, f"_{self.command.lower()}")(split.path, query, body))

    do_GET = do_POST = do_PATCH = do_DELETE = _handle

    def _get(self, path: str, query: dict[str, str], _: Any) -> tuple[int, Obj]:
        if path in RESOURCES:
            return 200, {"resources": [
                {"name": plural, "kind": kind, "namespaced": True}
                for kind, plural in RESOURCES[path]
            ]}  # fmt: skip
        if path == "/version":
            return 200, {"major": "1"}
        if any(path.endswith(f"/{plural}") for kinds in RESOURCES.values() for _, plural in kinds):
            return 200, self.api.listed(path, query)
        found = self.api.objects.get(path)
        return (200, found) if found else (404, status(404, "NotFound", f"{path} not found"))

    def _patch(self, path: str, query: dict[str, str], body: Obj) -> tuple[int, Obj]:
        if query.get("dryRun"):
            return 200, body
        manager = {"manager": query["fieldManager"], "operation": "Apply"}
        made = {**body, "metadata": {**body["metadata"], "managedFields": [manager]}}
        return 200, self.api.put(path, made)

    def _post(self, path: str, query: dict[str, str], body: Obj) -> tuple[int, Obj]:
        return 201, body

    def _delete(self, path: str, query: dict[str, str], body: Obj) -> tuple[int, Obj]:
        if path not in self.api.objects:
            return 404, status(404, "NotFound", "gone")
        if not self.api.objects[path]["metadata"].get("finalizers"):
            self.api.remove(path)
        return 200, {}

    def _answer(self, code: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(code)
        for key, value in (headers or {}).items():
            self.send_header(key.replace("_", "-"), value)
        if self.api.warning:
            self.send_header("Warning", f'299 - "{self.api.warning}"')
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _watch(self, path: str, since: int, query: dict[str, str]) -> None:
        events = self.api.events(path, since)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while (event := events.get()) is not None:
            if event["type"] != "ERROR" and not _selected(event["object"], query):
                continue
            line = json.dumps(event).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")


def status(code: int, reason: str, message: str, **details: Any) -> Obj:
    """A Status as the API server answers it."""
    return {"kind": "Status", "code": code, "reason": reason, "message": message,
            "details": details}  # fmt: skip


@contextmanager
def serving() -> Iterator[ApiServer]:
    """A running server."""
    api = ApiServer()
    handler = type("Handler", (_Handler,), {"api": api})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    # Clients that cancel hang up in the middle of an answer: that is what is tested.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # to say nothing of it
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield api
    for collection in list(api._watches):
        api.hang_up(collection)
    server.shutdown()
    server.server_close()


def kubeconfig(url: str, **user: Any) -> str:
    """A kubeconfig for a server."""
    return json.dumps(
        {
            "clusters": [{"name": "c", "cluster": {"server": url}}],
            "users": [{"name": "u", "user": user or {"token": "t"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
    )
