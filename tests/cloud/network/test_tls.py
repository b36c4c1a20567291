"""HTTPS and TLS listeners, HTTPS and TLS targets.

docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html,
.../describe-ssl-policies.html, .../x-forwarded-headers.html; .../network/create-tls-listener.html
"""

import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.elbv2.snapshots import FixedResponse, Listener, Redirect
from localcloud.aws.snapshots import Certificate
from tests.cloud.network.site import ON_A, ON_B, PUBLIC, Site
from tests.cloud.network.web import Web
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import (
    AUTHORITY,
    certificate,
    check,
    forward,
    listener,
    rule,
    secure,
    target_group,
)

# Old protocols are what some of these are about.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
FOUND = FixedResponse(200, "text/plain", "found")
NEWEST = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
DEFAULT = certificate("arn:default", "a.test")
WILDCARD = certificate("arn:wildcard", "*.b.test")
ONE_RSA = certificate("arn:rsa", "one.b.test", "c.test")
ONE_ECDSA = certificate("arn:ecdsa", "c.test", key_type="EC_prime256v1")
ALL = (DEFAULT, WILDCARD, ONE_RSA, ONE_ECDSA)
OLD = ssl.TLSVersion.TLSv1
REQUEST = b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"


def https(*certificates: Certificate, policy: str = NEWEST, **more: Any) -> Listener:
    arns = tuple(each.arn for each in certificates or (DEFAULT,))
    return secure(rule(more.pop("action", FOUND)), certificates=arns, policy=policy, **more)


def context(low: ssl.TLSVersion | None = None, high: ssl.TLSVersion | None = None) -> Any:
    """A client's that trusts the authority of the tests."""
    made = ssl.create_default_context(cadata=AUTHORITY.certificate)
    made.set_alpn_protocols(["h2", "http/1.1"])
    if low and high:
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version, made.maximum_version = low, high
    return made


def connect(site: Site, name: str | None = "a.test", how: Any = None) -> ssl.SSLSocket:
    """A connection of the world that asks for a name. Raises ssl.SSLError."""
    how = how or context()
    how.check_hostname = name is not None
    raw = site.stage.open("world", PUBLIC, 443)
    try:
        return how.wrap_socket(raw, server_hostname=name)  # type: ignore[no-any-return]
    except BaseException:
        raw.close()
        raise


def answer(site: Site, request: bytes = REQUEST) -> str:
    """What is answered over HTTP/1.1 by TLS."""
    how = context()
    how.set_alpn_protocols(["http/1.1"])
    with connect(site, how=how) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(4096), b"")).decode()


def names(client: ssl.SSLSocket) -> tuple[str, ...]:
    found: Any = client.getpeercert()
    return tuple(value for _, value in found["subjectAltName"])


@pytest.fixture
def secured(site: Site) -> Site:
    """With certificates."""
    site.stage.snapshots.issued = ALL
    return site


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.test", DEFAULT),
        (None, DEFAULT),
        ("ONE.b.test", ONE_RSA),
        ("two.b.test", WILDCARD),
        ("c.test", ONE_ECDSA),  # which comes before RSA
    ],
)
def test_a_certificate_is_chosen_by_server_name(
    secured: Site, name: str | None, expected: Certificate
) -> None:
    secured.show(https(DEFAULT, ONE_RSA, WILDCARD, ONE_ECDSA))
    with connect(secured, name) as client:
        pem = ssl.DER_cert_to_PEM_cert(client.getpeercert(True) or b"")
        assert expected.full_chain.startswith(pem)


def test_a_wildcard_stands_for_one_label(secured: Site) -> None:
    secured.show(https(DEFAULT, WILDCARD))
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        connect(secured, "three.two.b.test")


@pytest.mark.parametrize(
    ("policy", "version", "allowed"),
    [
        (NEWEST, ssl.TLSVersion.TLSv1_3, True),
        (NEWEST, ssl.TLSVersion.TLSv1_2, True),
        (NEWEST, ssl.TLSVersion.TLSv1_1, False),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", ssl.TLSVersion.TLSv1_2, False),
        ("ELBSecurityPolicy-2016-08", ssl.TLSVersion.TLSv1_3, False),
        ("ELBSecurityPolicy-2016-08", OLD, True),
    ],
)
def test_a_policy_decides_the_protocols(
    secured: Site, policy: str, version: ssl.TLSVersion, allowed: bool
) -> None:
    secured.show(https(policy=policy))
    try:
        connect(secured, how=context(version, version)).close()
    except (ssl.SSLError, ConnectionError):
        assert not allowed
    else:
        assert allowed


def test_a_policy_decides_the_ciphers(secured: Site) -> None:
    """AES128-SHA is of the policy of 2016-08, and not of the newest one."""
    for policy, found in (("ELBSecurityPolicy-2016-08", True), (NEWEST, False)):
        secured.show(https(policy=policy))
        how = context(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
        how.set_ciphers("AES128-SHA:@SECLEVEL=0")
        eventually(lambda how=how, found=found: accepts(secured, how) == found)  # type: ignore[misc]


def accepts(site: Site, how: Any) -> bool:
    with suppress(ssl.SSLError, ConnectionError):
        connect(site, how=how).close()
        return True
    return False


def test_clients_may_use_http_2_unless_it_is_off(secured: Site) -> None:
    """.../application/application-load-balancers.html, routing.http2.enabled"""
    secured.show(https())
    with connect(secured) as client:
        assert client.selected_alpn_protocol() == "h2"
    secured.change(http2=False)
    eventually(lambda: protocol(secured) == "http/1.1")


def protocol(site: Site) -> str | None:
    with connect(site) as client:
        return client.selected_alpn_protocol()


def test_a_target_sees_https_and_port_80_redirects(secured: Site) -> None:
    group = target_group("a", ON_A)
    to = Redirect("HTTPS", "#{host}", "443", "/#{path}", "#{query}", 301)
    secured.show(https(action=forward("a")), listener(rule(to)), groups=(group,))
    secured.settle(("a", "i-a", "healthy"))
    eventually(lambda: "i-a" in answer(secured))
    (_, headers) = secured.a.seen[-1]
    assert (headers["X-Forwarded-Proto"], headers["X-Forwarded-Port"]) == ("https", "443")
    assert "X-Amzn-Tls-Version" not in headers
    secured.change(tls_headers=True)
    eventually(lambda: "X-Amzn-Tls-Version" in (answer(secured), secured.a.seen[-1][1])[1])
    assert secured.a.seen[-1][1]["X-Amzn-Tls-Version"] == "TLSv1.3"
    moved = secured.get("/x?y=z", Host="svc1.a.test")
    assert (moved.status, moved.headers["Location"]) == (301, "https://svc1.a.test:443/x?y=z")


def test_a_renewed_certificate_is_used_without_a_lost_request(secured: Site) -> None:
    secured.show(https())
    lost, stop = [], threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                assert answer(secured).endswith("found")
            except (AssertionError, OSError) as error:
                lost.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    with connect(secured, how=context(OLD, ssl.TLSVersion.TLSv1_2)) as kept:
        serials = {serial(secured)}
        for _ in range(3):
            secured.stage.snapshots.issued = (certificate("arn:default", "a.test"),)
            secured.reconciler.reconcile()
            eventually(lambda: serial(secured) not in serials)
            serials.add(serial(secured))
        assert kept.selected_alpn_protocol() == "h2"  # it is still there, see below
        kept.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5))
        assert kept.recv(9)[3] == 4  # the type of a SETTINGS frame
    stop.set()
    asking.join()
    assert lost == []


def serial(site: Site) -> str:
    with connect(site) as client:
        found: Any = client.getpeercert()
        return str(found["serialNumber"])


def test_keys_are_for_root_alone(secured: Site) -> None:
    secured.show(https())
    folder = secured.reconciler._folder
    files = [path for path in folder.rglob("*") if path.is_file()]
    holders = [path for path in files if "PRIVATE KEY" in path.read_text()]
    assert holders
    assert {(path.stat().st_mode & 0o777, path.stat().st_uid) for path in holders} == {(0o600, 0)}


@pytest.fixture
def target(site: Site, tmp_path: Path) -> Iterator[Web]:
    """A server of HTTPS on i-a, with a certificate that nothing trusts."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*AUTHORITY.issue("other").write(tmp_path, "other"))
    with closing(Web("i-a", 8443, context=made)) as web:
        yield web


SECURE_TARGET = ("i-a", ON_A[1], 8443)


def test_https_targets_are_not_verified(secured: Site, target: Web) -> None:
    """.../application/load-balancer-target-groups.html"""
    group = target_group("a", SECURE_TARGET, how=check(protocol="HTTPS"), protocol="HTTPS")
    secured.serve(group)
    assert secured.get().body == "i-a"
    target.status = 500
    secured.settle(("a", "i-a", "unhealthy"))
    assert secured.sink.last["a", "i-a"][1] == "Target.ResponseCodeMismatch"


def test_a_target_without_tls_fails_https_checks(secured: Site) -> None:
    group = target_group("a", ON_A, how=check(protocol="HTTPS"), protocol="HTTPS")
    secured.show(listener(rule(forward("a"))), groups=(group,))
    secured.settle(("a", "i-a", "unhealthy"))
    assert secured.sink.last["a", "i-a"][1] == "Target.FailedHealthChecks"


@pytest.mark.parametrize(("kind", "on"), [("TCP", ON_B), ("TLS", SECURE_TARGET)])
def test_a_network_balancer_ends_tls(
    secured: Site, target: Web, kind: str, on: tuple[str, str, int]
) -> None:
    group = target_group("g", on, how=check(protocol="TCP"), protocol=kind)
    tls = https(DEFAULT, WILDCARD, action=forward("g"), protocol="TLS")
    secured.show(tls, groups=(group,), kind="network")
    secured.settle(("g", on[0], "healthy"))
    eventually(lambda: reached(secured, on[0]))
    with connect(secured, "two.b.test") as client:
        assert names(client) == ("*.b.test",)


def reached(site: Site, host: str) -> bool:
    with suppress(OSError):
        return host in answer(site)
    return False


def test_a_certificate_that_is_gone_is_told(secured: Site) -> None:
    secured.stage.snapshots.issued = ()
    with pytest.raises(RuntimeError, match="the certificate arn:default does not exist"):
        secured.show(https())
