"""HTTP for tests: servers on hosts, and requests from hosts."""

import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

from localcloud.network.netns import path, run_in, socket_in
from tests.cloud.network.stage import PATIENCE


@dataclass
class Web:
    """An HTTP server on a host that answers with its host's name.

    `status` and the Set-Cookie header `cookie` can be changed. With `context` it is one of HTTPS.
    """

    host: str
    port: int = 8080
    status: int = 200
    cookie: str = ""
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        web = self

        class Handler(BaseHTTPRequestHandler):
            server_version = "Target/1"

            def do_GET(self) -> None:
                if self.path != "/healthz":
                    web.seen.append((self.path, dict(self.headers)))
                body = web.host.encode()
                self.send_response(web.status)
                self.send_header("Content-Length", str(len(body)))
                if web.cookie:
                    self.send_header("Set-Cookie", web.cookie)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server: HTTPServer = ThreadingHTTPServer(("", 0), Handler, bind_and_activate=False)
        self.server.socket.close()
        self.server.socket = socket_in(path(self.host))
        self.server.server_address = ("", self.port)
        self.server.allow_reuse_address = True
        self.server.socket.bind(("", self.port))
        self.server.socket.listen(64)
        if self.context:  # the handshake is the handler's, so that none waits for another
            self.server.socket = self.context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Refuse connections from now on."""
        self.server.shutdown()
        self.server.server_close()


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)


def get(
    origin: str,
    address: str,
    target: str = "/",
    port: int = 80,
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
) -> Answer:
    """What a request from a host is answered; `target` is sent as it is.

    `cookies` of the answer are its Set-Cookie headers, value and attributes by name.
    """
    connection = HTTPConnection(address, port, timeout=PATIENCE)
    try:
        run_in(path(origin), connection.connect)
        connection.putrequest(method, target, skip_host="Host" in (headers or {}))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response: HTTPResponse = connection.getresponse()
        cookies = (cookie.split("=", 1) for cookie in response.headers.get_all("Set-Cookie", ()))
        return Answer(
            response.status,
            response.read().decode(),
            dict(response.headers),
            {name: rest for name, rest in cookies},
        )
    finally:
        connection.close()
