"""A small client of one API server, with a client certificate: apply, delete, list, watch."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from localcloud.kubernetes import manifests
from localcloud.kubernetes.components import API_PORT
from localcloud.kubernetes.manifests import MANAGER, Manifest

CONNECT_TIMEOUT = 3.0  # seconds
READ_TIMEOUT = 30.0
FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500  # the first of them


class ApiError(RuntimeError):
    """The API server refused a request; `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Unreachable(OSError):
    """The API server did not answer."""


class Api:
    """The API server at https://<address>:<port>."""

    def __init__(
        self, address: str, ca: Path, certificate: Path, key: Path, port: int = API_PORT
    ) -> None:
        self._pool = urllib3.HTTPSConnectionPool(
            address, port, maxsize=8, retries=False, ca_certs=str(ca),
            cert_file=str(certificate), key_file=str(key),
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
        )  # fmt: skip

    def request(self, method: str, path: str, body: Any = None, kind: str = "json") -> Any:
        """Send a body as application/<kind>; returns the answer. Raises ApiError, Unreachable."""
        headers = {"Content-Type": f"application/{kind}", "Accept": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            response = self._pool.request(method, path, body=data, headers=headers)
        except HTTPError as error:
            raise Unreachable(str(error)) from error
        return _decoded(response.status, response.data)

    def ready(self) -> bool:
        """Whether the API server is ready; raises Unreachable."""
        try:
            return self._pool.request("GET", "/readyz").status == 200
        except HTTPError as error:
            raise Unreachable(str(error)) from error

    def get(self, path: str) -> Manifest | None:
        """The object at a path, or None."""
        try:
            found: Manifest = self.request("GET", path)
        except ApiError as error:
            if error.status == NOT_FOUND:
                return None
            raise
        return found

    def apply(self, item: Manifest, force: bool = True) -> None:
        """Server-side apply, with the field manager of EKS.

        Without `force`, a field that another manager has changed raises ApiError with CONFLICT.
        """
        path = f"{manifests.path(item)}?fieldManager={MANAGER}&force={str(force).lower()}"
        self.request("PATCH", path, item, kind="apply-patch+yaml")

    def delete(self, item: Manifest, **more: Any) -> None:
        """Delete an object, and in the background what it owns; it need not exist.

        `more` are further DeleteOptions.
        """
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        options |= more
        try:
            self.request("DELETE", manifests.path(item), options)
        except ApiError as error:
            if error.status != NOT_FOUND:
                raise

    def watch(self, path: str, version: str) -> "Watch":
        """The changes of a collection after a resource version; `path` may have a query."""
        separator = "&" if "?" in path else "?"
        try:
            response = self._pool.request(
                "GET", f"{path}{separator}watch=true&resourceVersion={version}",
                preload_content=False, timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=None),
            )  # fmt: skip
        except HTTPError as error:
            raise Unreachable(str(error)) from error
        return Watch(response)

    def close(self) -> None:
        self._pool.close()


class Watch:
    """The events of one watch; closing it from another thread ends the iteration."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[tuple[str, Manifest]]:
        """Pairs of ADDED, MODIFIED or DELETED and the object; ends when the server ends it."""
        if self._response.status != 200:
            _decoded(self._response.status, self._response.read())
        rest = b""
        try:
            while chunk := self._response.read1():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        status = event["object"]
                        raise ApiError(status.get("code", 500), status.get("message", ""))
                    yield event["type"], event["object"]
        except HTTPError as error:
            raise Unreachable(str(error)) from error
        finally:
            self._response.close()

    def close(self) -> None:
        """End the iteration, from any thread; it may have ended already."""
        with contextlib.suppress(RuntimeError, ValueError):  # no connection left to shut down
            self._response.shutdown()


def _decoded(status: int, data: bytes) -> Any:
    if status >= 400:
        try:
            message = json.loads(data)["message"]
        except (ValueError, KeyError):
            message = data.decode(errors="replace")[:500]
        raise ApiError(status, message)
    return json.loads(data)
