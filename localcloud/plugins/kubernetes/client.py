"""A thin client of one API server: JSON over HTTP with keep-alive, and watch streams."""

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from localcloud.plugins.kubernetes.cancellation import Cancellation
from localcloud.plugins.kubernetes.connection import pool
from localcloud.plugins.kubernetes.credentials import Credentials
from localcloud.plugins.kubernetes.errors import ApiError, Cancelled, Unreachable
from localcloud.plugins.kubernetes.kubeconfig import ClusterConfig
from localcloud.plugins.kubernetes.objects import Obj

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 120.0  # seconds; admission webhooks may take 30 each
WATCH_SECONDS = 240  # after which the server ends a stream and we go on where it stopped
BUSY_TRIES = 10  # answers of 429, as many as client-go takes
Query = Mapping[str, str]
Warn = Callable[[str], None]


class Stream:
    """An open watch; `close` may be called from another thread and ends the reading at once."""

    def __init__(self, response: "BaseHTTPResponse") -> None:
        self._response = response

    def lines(self) -> Iterator[bytes]:
        """The lines as they come, until the server or `close` ends them."""
        import urllib3

        left = b""
        try:
            for chunk in self._response.stream(65536, decode_content=True):
                *whole, left = (left + chunk).split(b"\n")
                yield from whole
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            return  # a stream that breaks is a stream that ended: the watch goes on from there

    def close(self) -> None:
        """End the stream."""
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # it may have ended by itself
            self._response.shutdown()


class Client:
    """Requests to the API server of `config`.

    Raises ApiError for refusals, Unreachable when nobody answers, Cancelled when the engine stops.
    """

    def __init__(self, config: ClusterConfig, cancelled: Cancellation) -> None:
        self.config = config
        self.credentials = Credentials(config)
        self.cancelled = cancelled
        self._pool = pool(config)

    def get(self, path: str, query: Query | None = None) -> Obj:
        """The object or list at `path`."""
        return self._json("GET", path, query)

    def create(self, path: str, body: Obj, query: Query, warn: Warn) -> Obj:
        """POST `body` to a collection; `warn` gets the API server's warnings."""
        return self._json("POST", path, query, body, "application/json", warn)

    def apply(self, path: str, body: Obj, query: Query, warn: Warn) -> Obj:
        """Server-side apply of `body` to the object at `path`."""
        return self._json("PATCH", path, query, body, "application/apply-patch+yaml", warn)

    def delete(self, path: str, body: Obj) -> Obj:
        """DELETE the object at `path` with DeleteOptions."""
        return self._json("DELETE", path, None, body, "application/json")

    def watch(self, path: str, query: Query) -> Stream:
        """Follow a collection; `query` holds the selectors and the resourceVersion."""
        full = {
            **query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        response = self._send("GET", path, full, None, "", stream=True)
        if response.status >= 400:
            raise ApiError(response.status, _decoded(response.data))
        return Stream(response)

    def _json(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Obj | None = None,
        content: str = "",
        warn: Warn | None = None,
    ) -> Obj:
        response = self._send(method, path, query, body, content)
        for _ in range(BUSY_TRIES):
            if response.status != 429:
                break
            if self.cancelled.wait(float(response.headers.get("Retry-After", "1"))):
                raise Cancelled("cancelled")
            response = self._send(method, path, query, body, content)
        if response.status == 401 and self.credentials.renewable:
            self.credentials.forget()
            response = self._send(method, path, query, body, content)
        answer = _decoded(response.data)
        if response.status >= 400:
            raise ApiError(response.status, answer)
        if warn is not None:
            for text in _warnings(response.headers.getlist("Warning")):
                warn(text)
        return answer if isinstance(answer, dict) else {}

    def _send(
        self,
        method: str,
        path: str,
        query: Query | None,
        body: Obj | None,
        content: str,
        stream: bool = False,
    ) -> "BaseHTTPResponse":
        import urllib3

        url = self.config.server + path + (f"?{urlencode(query)}" if query else "")
        read = WATCH_SECONDS + 30 if stream else READ_TIMEOUT
        try:
            return self._pool.request(
                method,
                url,
                headers=self._headers(content),
                body=json.dumps(body).encode() if body is not None else None,
                preload_content=not stream,
                timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=read),
            )
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"{self.config.server} cannot be reached: {_cause(error)}") from None

    def _headers(self, content: str) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "pulumi-resource-kubernetes/local"}
        if content:
            headers["Content-Type"] = content
        if token := self.credentials.token():
            headers["Authorization"] = f"Bearer {token}"
        return headers


def _decoded(data: bytes) -> Any:
    try:
        return json.loads(data) if data else {}
    except ValueError:
        return data.decode(errors="replace")


def _warnings(headers: Iterable[str]) -> Iterator[str]:
    # RFC 7234: `299 - "text with \\" inside"`
    for header in headers:
        _, _, quoted = header.partition('"')
        yield quoted.rpartition('"')[0].replace('\\"', '"')


def _cause(error: Exception) -> str:
    inner = getattr(error, "reason", None) or error
    return str(inner).rpartition(": ")[2] or type(inner).__name__
