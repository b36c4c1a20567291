"""An HTTP/1.1 server for a WSGI app: one thread per connection, with keep-alive."""

import contextlib
import logging
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import Any

from localcloud.aws.errors import AwsError
from localcloud.pki import Certificate

log = logging.getLogger(__name__)
App = Callable[[dict[str, Any], Any], Iterable[bytes]]
# Serves a WebSocket on a connection whose client requests it, or returns False.
Upgrade = Callable[[dict[str, Any], socket.socket], bool]
HANDSHAKE_SECONDS = 10.0
IDLE_SECONDS = 300.0  # an idle connection is closed after this


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "AmazonEC2"
    timeout = IDLE_SECONDS
    wbufsize = -1  # a response is sent in one write
    disable_nagle_algorithm = True
    app: App
    upgrade: Upgrade

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "RAW_URI": self.path,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):  # as `body` is whole
                key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def _answer(self) -> None:
        if self.headers.get("Upgrade", "").lower() == "websocket" and self._upgraded():
            return
        try:
            body = self._body()
        except ValueError:
            self.close_connection = True
            self.send_error(400, "a chunk's size is not a hexadecimal number")
            return

        def start_response(line: str, headers: list[tuple[str, str]]) -> None:
            code, _, reason = line.partition(" ")
            self.send_response(int(code), reason)
            for name, value in headers:
                self.send_header(name, value)

        payload = b"".join(self.app(self._environ(body), start_response))
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def _body(self) -> bytes:
        """The body, which may come in chunks. Raises ValueError for a malformed chunk."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # the trailer
        return b"".join(chunks)

    def _upgraded(self) -> bool:
        """Whether the request for a WebSocket was served or refused."""
        if isinstance(self.connection, ssl.SSLSocket):
            self.send_error(400, "a WebSocket over TLS is not offered: use the StreamUrl as it is")
            return True
        try:
            self.close_connection = self.upgrade(self._environ(b""), self.connection)
        except AwsError as error:
            self.send_error(error.status, error.message)
            return True
        return self.close_connection

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _answer

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


class Server:
    """Serves `app` on listening sockets until closed."""

    def __init__(self, app: App, upgrade: Upgrade = lambda *_: False) -> None:
        served = {"app": staticmethod(app), "upgrade": staticmethod(upgrade)}
        self._handler = type("Handler", (_Handler,), served)
        self._listeners: list[socket.socket] = []
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def serve(self, listener: socket.socket, context: ssl.SSLContext | None = None) -> None:
        """Serve on a listening socket, with TLS if a context is given; returns at once."""
        listener.setblocking(True)
        self._listeners.append(listener)
        threading.Thread(target=self._accept, args=(listener, context), daemon=True).start()

    def _accept(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        while True:
            try:
                connection, peer = listener.accept()
            except OSError:  # closed
                return
            arguments = (connection, peer, context)
            threading.Thread(target=self._handle, args=arguments, daemon=True).start()

    def _handle(self, connection: socket.socket, peer: Any, context: ssl.SSLContext | None) -> None:
        stream = connection
        try:
            if context:
                connection.settimeout(HANDSHAKE_SECONDS)
                stream = context.wrap_socket(connection, server_side=True)
            with self._lock:
                self._connections.add(stream)
            self._handler(stream, peer, self)
        except OSError as error:  # the client disconnected, or the TLS handshake failed
            log.debug("%s: %s", peer, error)
        finally:
            with self._lock:
                self._connections.discard(stream)
            stream.close()
            connection.close()

    def close(self) -> None:
        """Stop listening and end every connection."""
        for listener in self._listeners:
            _shut(listener)  # wakes the thread that accepts
            listener.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            _shut(connection)


def _shut(given: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already disconnected
        given.shutdown(socket.SHUT_RDWR)


def tls_context(certificate: Certificate) -> ssl.SSLContext:
    """A server's TLS context; the certificate is on disk only while it is loaded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(*certificate.write(Path(folder), "server"))
    return context
