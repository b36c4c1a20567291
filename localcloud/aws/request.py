"""HTTP requests to the AWS API, and its responses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

Environ = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """`raw_path` is as sent, `query` without "?", `headers` with lower-case names."""

    method: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(self.raw_path)

    @property
    def host(self) -> str:
        """The Host header without its port."""
        return self.headers.get("host", "").partition(":")[0].lower()


@dataclass(frozen=True)
class Response:
    """`headers` are pairs, since a name may occur twice."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def _header_name(key: str) -> str | None:
    if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        return key.replace("_", "-").lower()
    return key[5:].replace("_", "-").lower() if key.startswith("HTTP_") else None


def read(environ: Environ) -> Request:
    """The request of a WSGI environ; RAW_URI, if the server sets it, is the path as sent."""
    headers = {name: value for key, value in environ.items() if (name := _header_name(key))}
    length = int(environ.get("CONTENT_LENGTH") or 0)
    raw_path = environ.get("RAW_URI") or environ.get("PATH_INFO") or "/"
    return Request(
        method=environ["REQUEST_METHOD"],
        raw_path=raw_path.partition("?")[0],
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=environ["wsgi.input"].read(length) if length else b"",
    )
