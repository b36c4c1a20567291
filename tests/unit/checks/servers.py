"""Real HTTP and DNS servers on loopback, in threads."""

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import dns.message
import dns.rcode
import dns.rrset


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that refuses the certificate, or goes away, is no error here."""


@contextmanager
def serving(
    page: Callable[[str], str],
    address: str = "127.0.0.1",
    port: int = 0,
    status: int = 200,
    context: ssl.SSLContext | None = None,
) -> Iterator[int]:
    """An HTTP server whose pages depend on the Host header; gives its port.

    A status of 301 redirects to HTTPS. With `context` it is one of HTTPS.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page(self.headers.get("Host", "").partition(":")[0]).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 301:
                self.send_header("Location", f"https://{self.headers['Host']}:443{self.path}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    made = _Server((address, port), Handler)
    if context:  # the handshake is the handler's
        made.socket = context.wrap_socket(
            made.socket, server_side=True, do_handshake_on_connect=False
        )
    with _running(made) as server:
        yield server.server_address[1]


def _reply(cnames: Mapping[str, str], wire: bytes) -> bytes:
    query = dns.message.from_wire(wire)
    reply = dns.message.make_response(query)
    name = query.question[0].name
    target = cnames.get(str(name).rstrip("."))
    if target is None:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    else:
        reply.answer.append(dns.rrset.from_text(name, 5, "IN", "CNAME", f"{target}."))
    return reply.to_wire()


@contextmanager
def dns_server(cnames: Mapping[str, str]) -> Iterator[int]:
    """A DNS server on 127.0.0.1, over TCP alone; gives its port."""

    class OverTcp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if length := self.request.recv(2):
                answer = _reply(cnames, self.request.recv(int.from_bytes(length, "big")))
                self.request.sendall(len(answer).to_bytes(2, "big") + answer)

    with _running(socketserver.ThreadingTCPServer(("127.0.0.1", 0), OverTcp)) as server:
        yield server.server_address[1]


@contextmanager
def _running(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
