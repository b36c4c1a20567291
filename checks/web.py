"""Connections from the host on which the checks run."""

import http.client
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from urllib.parse import urlsplit

from checks.outcome import FailedProbe, Verdict
from checks.reach import Attempt, attempt_from_connect

ANSWER_TIMEOUT = 5.0  # seconds for a page that should be there
CONNECT_TIMEOUT = 2.0  # seconds for a connection: of what must fail, and of its control
NGINX = "Welcome to nginx!"
NGINX_PAGE = f"nginx's page ({NGINX})"


@dataclass(frozen=True)
class Page:
    """With `digest`, the SHA-256 of the whole body in hex, `body` may be only its beginning."""

    status: int
    body: str
    location: str = ""  # of a redirect
    digest: str = ""


class ThisHost:
    """Plain sockets and the host's own resolver; proxies of the environment are not used."""

    def get(self, url: str) -> Page:
        """The page at a URL; redirects are not followed. FailedProbe if there is none, or if the
        certificate of an https:// URL is not trusted or of another name."""
        parts = urlsplit(url)
        connect = http.client.HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = connect(parts.hostname or "", parts.port, timeout=ANSWER_TIMEOUT)
        try:
            connection.request("GET", parts.path or "/")
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
            return Page(response.status, body, response.headers.get("Location", ""))
        except TimeoutError as error:
            raise FailedProbe("timed out") from error
        except (OSError, http.client.HTTPException) as error:
            seen = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise FailedProbe(seen.lower()) from error
        finally:
            connection.close()

    def connect(self, targets: list[tuple[str, int]]) -> list[Attempt]:
        """Connect once to each host and port, all at the same time."""
        with ThreadPoolExecutor(max_workers=max(1, len(targets))) as pool:
            return list(pool.map(lambda target: _connect(*target), targets))

    def addresses(self, host: str) -> list[str]:
        """The addresses of a name by the host's resolver; FailedProbe if it has none."""
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise FailedProbe(f"{host}: {error.strerror or error}") from error
        return sorted({str(each[4][0]) for each in found})


def _connect(host: str, port: int) -> Attempt:
    target = f"{host}:{port}"
    try:
        socket.create_connection((host, port), timeout=CONNECT_TIMEOUT).close()
    except OSError as error:
        return attempt_from_connect(target, error)
    return attempt_from_connect(target, None)


def judge_nginx_page(body: str) -> Verdict:
    nginx = NGINX in body
    return Verdict(nginx, NGINX_PAGE if nginx else f"another page: {excerpt(body)}")


def judge_page(page: Page, expected: str) -> Verdict:
    """Whether the status is 200 and the body is `expected`, but for a newline at its end."""
    body, wanted = page.body.removesuffix("\n"), expected.removesuffix("\n")
    if page.status != http.client.OK:
        return Verdict(False, f"status {page.status}: {excerpt(body)}")
    same = body == wanted
    if page.digest:
        same = page.digest in {sha256(f"{wanted}{end}".encode()).hexdigest() for end in ("", "\n")}
    return Verdict(same, body if same else excerpt(body))


def judge_body(body: str, expected: str) -> Verdict:
    """Whether the body is `expected`, but for a newline at its end."""
    return judge_page(Page(http.client.OK, body), expected)


def judge_text(body: str, expected: str) -> Verdict:
    return Verdict(expected in body, expected if expected in body else excerpt(body))


def judge_any_page(page: Page) -> Verdict:
    """Whether the status is 200 to 399, with which an image's target is healthy, too."""
    return Verdict(200 <= page.status < 400, f"status {page.status}")


def judge_redirect(page: Page, expected: str) -> Verdict:
    """Whether the status is 301 and the location is `expected`."""
    same = page.status == 301 and page.location == expected
    return Verdict(same, f"status {page.status} to {page.location or 'nowhere'}")


def judge_private(addresses: list[str]) -> Verdict:
    """Whether there are addresses, and all are private."""
    public = [each for each in addresses if ipaddress.ip_address(each).is_global]
    if public or not addresses:
        return Verdict(False, f"public: {', '.join(public)}" if public else "no address")
    return Verdict(True, f"private ({', '.join(addresses)})")


def excerpt(body: str, length: int = 60) -> str:
    """The beginning of a page, in one line."""
    line = " ".join(body.split())
    return repr(line if len(line) <= length else line[: length - 1] + "…")
