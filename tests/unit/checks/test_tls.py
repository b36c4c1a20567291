"""The checks of a stack with TLS: certificates are verified, and HTTP is redirected."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud.pki import Authority
from tests.unit.checks.fake_aws import ALB
from tests.unit.checks.servers import serving
from tests.unit.checks.stand import PAGES, Stand, failed
from tests.unit.checks.support import NGINX_PAGE

MOVED = "<h1>301 Moved Permanently</h1>"


class Secure:
    """A stand with TLS, whose certificate `secure` gives it."""

    def __init__(self, stand: Stand, folder: Path) -> None:
        self.stand, self._folder, self.authority = stand, folder, Authority("public")
        stand.outputs["load_balancing"] |= {"tls": True, "load_balancer_tls": True}
        stand.account.ports = (80, 443)
        plain = stand.serves(MOVED, status=301)
        stand.routes |= {(host, 80): ("127.0.0.1", plain) for host in PAGES}
        self.secure("*.example.com", self.authority)

    def secure(self, name: str, authority: Authority) -> None:
        """Serve the pages by HTTPS with a certificate of a name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue(name, [name]).write(self._folder, "server"))
        pages, stand = {**PAGES, "nlb.example.com": NGINX_PAGE}, self.stand
        port = stand.after.enter_context(serving(lambda host: pages[host], context=context))
        stand.routes |= {(host, 443): ("127.0.0.1", port) for host in pages}


@pytest.fixture
def secure(stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Secure:
    made = Secure(stand, tmp_path)
    (tmp_path / "ca").write_text(made.authority.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca"))
    return made


ASKING = (6, 7, 8, 12, 13)


@pytest.mark.parametrize("number", [*ASKING, 9, 11])
def test_it_holds_with_tls(secure: Secure, number: int) -> None:
    result = secure.stand.checked(number)
    assert result.ok, failed(result)


@pytest.mark.parametrize("number", ASKING)
@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (lambda it: it.secure("*.example.com", Authority("other")), "certificate verify failed"),
        (lambda it: it.secure("svc.example.org", it.authority), "certificate is not valid for"),
    ],
    ids=["another authority", "another name"],
)
def test_a_certificate_that_does_not_verify_is_red(
    secure: Secure, number: int, breaks: Callable[[Secure], None], words: str
) -> None:
    breaks(secure)
    assert words in failed(secure.stand.checked(number))


def test_13_fails_where_http_is_served(secure: Secure) -> None:
    secure.stand.routes["svc1.example.com", 80] = ("127.0.0.1", secure.stand.alb)
    assert "status 200 to " in failed(secure.stand.checked(13))


def test_13_does_not_hold_without_an_output_that_says_so(stand: Stand) -> None:
    stand.outputs["load_balancing"] |= {"tls": False, "load_balancer_tls": None}
    assert "load_balancing.load_balancer_tls is None" in failed(stand.checked(13))


def test_9_reads_the_listener_of_https(secure: Secure) -> None:
    secure.stand.account.ports = (80,)
    assert "no listener on port 443 (ports: 80)" in failed(secure.stand.checked(9))


def test_11_fails_where_the_balancer_serves_http(secure: Secure) -> None:
    secure.stand.routes[ALB, 80] = ("127.0.0.1", secure.stand.alb)
    assert "here: 'svc-1'" in failed(secure.stand.checked(11))
