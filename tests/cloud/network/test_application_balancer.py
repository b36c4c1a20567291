"""Application load balancers: what targets get, health, and what nginx lives through."""

import re
import signal
import socket
from contextlib import suppress
from typing import Any

import pytest

from localcloud.aws.elbv2.snapshots import FixedResponse, Listener
from tests.cloud.network.site import ON_A, ON_B, PORT, PUBLIC, Site
from tests.cloud.network.stage import echo
from tests.cloud.network.web import get
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import check, forward, listener, rule, target_group

FOUND = FixedResponse(200, "text/plain", "found")
PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n"
    "<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
)
TRACE = "1-[0-9a-f]{8}-[0-9a-f]{24}"
GROUP_A, GROUP_B = target_group("a", ON_A), target_group("b", ON_B)


def test_a_target_gets_the_request_as_it_was_sent(site: Site) -> None:
    site.serve(GROUP_A)
    raw = "/a%2Fb//c/../d?q=%20&x=$host"
    answer = site.get(raw)
    path, headers = site.a.seen[-1]
    assert (answer.body, path) == ("i-a", raw)
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["X-Forwarded-Port"] == "80"
    assert answer.headers["Server"].startswith("Target/1")


@pytest.mark.parametrize(
    ("attributes", "name", "sent", "got"),
    [
        ({}, "Host", "a.org:80", "a.org"),
        ({"port": 8443}, "Host", "a.org", "a.org:8443"),
        ({"port": 8443}, "Host", "a.org:1", "a.org:1"),
        ({"preserve_host": True}, "Host", "a.org:80", "a.org:80"),
        ({}, "X-Forwarded-For", None, "198.18.0.10"),
        ({}, "X-Forwarded-For", "192.0.2.1", "192.0.2.1, 198.18.0.10"),
        ({"client_port": True}, "X-Forwarded-For", "192.0.2.1", r"192.0.2.1, 198.18.0.10:\d+"),
        ({"forwarded_for": "preserve"}, "X-Forwarded-For", "192.0.2.1", "192.0.2.1"),
        ({"forwarded_for": "preserve"}, "X-Forwarded-For", None, ""),
        ({"forwarded_for": "remove"}, "X-Forwarded-For", "192.0.2.1", ""),
        ({}, "X-Amzn-Trace-Id", None, f"Root={TRACE}"),
        ({}, "X-Amzn-Trace-Id", "Root=1-2;App=b", f"Self={TRACE};Root=1-2;App=b"),
        ({}, "X-Amzn-Trace-Id", "Self=1-3;Root=1-2", f"Self={TRACE};Root=1-2"),
    ],
)
def test_headers_for_the_target(
    site: Site, attributes: dict[str, Any], name: str, sent: str | None, got: str
) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/: x-forwarded-headers.html,
    edit-load-balancer-attributes.html and load-balancer-request-tracing.html"""
    port = attributes.get("port", 80)
    more = {key: value for key, value in attributes.items() if key != "port"}
    site.serve(GROUP_A, port=port, **more)
    get("world", PUBLIC, port=port, headers={name: sent} if sent else {})
    assert re.fullmatch(got, site.a.seen[-1][1].get(name, ""))


def test_a_connection_to_a_target_is_used_again(site: Site) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html:
    it may be idle up to the idle timeout, so that a target that closes it can be too early."""
    connections = 0

    def answer(client: socket.socket) -> None:
        nonlocal connections
        connections += 1
        while client.recv(4096):
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    site.stage.run("i-a", 9090, answer)
    site.serve(target_group("kept", ("i-a", ON_A[1], 9090), how=check(protocol="TCP", port=PORT)))
    before = connections
    assert [site.get().status for _ in range(3)] == [200, 200, 200]
    assert connections == before


def test_what_fails_has_the_load_balancers_page(site: Site) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/
    load-balancer-troubleshooting.html names the causes; the pages are as clients publish them."""

    def failed(title: str, method: str = "GET") -> None:
        answer = get("world", PUBLIC, method=method)
        assert answer.status == int(title[:3])
        assert answer.body == PAGE.format(title)
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.headers["Server"] == "awselb/2.0"

    site.show(listener(rule(forward("a"))), groups=(target_group("a"),))
    failed("503 Service Temporarily Unavailable")
    site.serve(GROUP_A)
    failed("400 Bad Request", method="bad")
    failed("405 Not Allowed", method="TRACE")
    site.a.close()
    failed("502 Bad Gateway")

    def wait(client: socket.socket) -> None:
        while client.recv(4096):
            pass

    site.stage.run("i-a", 9090, wait)
    silent = target_group("s", ("i-a", ON_A[1], 9090), how=check(protocol="TCP"))
    site.show(listener(rule(forward("s"))), groups=(silent,))
    site.change(idle_timeout=1)
    site.settle(("s", "i-a", "healthy"))
    eventually(lambda: len(site.workers()) == 1)
    failed("504 Gateway Time-out")


def test_an_unhealthy_target_gets_no_traffic_until_it_is_healthy_again(site: Site) -> None:
    def served_by(*hosts: str) -> None:
        site.until(lambda _: {site.get().body for _ in range(6)} == set(hosts))

    site.serve(target_group("g", ON_A, ON_B))
    served_by("i-a", "i-b")
    site.a.status = 500
    site.settle(("g", "i-a", "unhealthy"))
    assert site.sink.last["g", "i-a"][1] == "Target.ResponseCodeMismatch"
    served_by("i-b")
    site.a.status = 200
    site.settle(("g", "i-a", "healthy"))
    served_by("i-a", "i-b")


def test_when_all_are_unhealthy_all_get_traffic(site: Site) -> None:
    site.a.status = 500
    site.show(listener(rule(forward("a"))), groups=(GROUP_A,))
    assert site.get().status == 503  # in its first checks
    site.settle(("a", "i-a", "unhealthy"))
    site.until(lambda answer: answer.status == 500)
    assert site.sink.states == ["initial", "unhealthy"]


def test_targets_of_a_group_that_nothing_uses_are_not_checked(site: Site) -> None:
    site.show(listener(rule(FOUND)), groups=(GROUP_A,))
    assert site.sink.last == {}


def test_a_balancer_is_active_once_it_carries_traffic_and_goes_on_when_a_change_is_refused(
    site: Site,
) -> None:
    def refused(said: str, one: Listener) -> None:
        with pytest.raises(RuntimeError, match=said):
            site.show(one)

    https = listener(rule(FOUND), protocol="HTTPS")
    refused("listener-80: a TLS or HTTPS listener needs a certificate", https)
    assert site.sink.carrying == set()
    site.show(listener(rule(FOUND)))
    assert site.sink.carrying == {"arn:demo"}
    refused("HTTPS listener needs a certificate", https)
    refused("invalid port", listener(rule(FOUND), port=70000))
    assert site.get().body == "found"


@pytest.mark.parametrize("drop", [True, False])
def test_invalid_header_fields_reach_a_target_unless_they_are_dropped(
    site: Site, drop: bool
) -> None:
    def names() -> set[str]:
        get("world", PUBLIC, headers={"under_score": "1", "odd!": "2", "good": "3"})
        return site.a.seen[-1][1].keys() & {"under_score", "odd!", "good"}

    site.serve(GROUP_A, drop_invalid_headers=drop)
    eventually(lambda: names() == ({"good"} if drop else {"under_score", "odd!", "good"}))


def test_one_that_died_comes_back_although_its_workers_live(site: Site) -> None:
    def forwards(group: str, target: str) -> None:
        site.show(listener(rule(forward(group))), groups=(GROUP_A, GROUP_B))
        site.settle((group, target, "healthy"))
        eventually(lambda: answers(site, target))

    forwards("a", "i-a")
    process = site.reconciler._processes["arn:demo"]._process
    before = process.pid
    process.signal(signal.SIGKILL)
    eventually(lambda: process.pid not in (None, before))
    eventually(lambda: answers(site, "i-a"))
    forwards("b", "i-b")


def answers(site: Site, body: str) -> bool:
    with suppress(OSError):  # it may be on its way up
        return site.get().body == body
    return False


def test_one_that_is_gone_serves_no_more(site: Site) -> None:
    site.show(listener(rule(FOUND)))
    assert site.stage.reaches("world", PUBLIC, 80)
    site.stage.snapshots.balancers = ()
    site.reconciler.reconcile()
    assert not site.stage.reaches("world", PUBLIC, 80)


def test_an_upgraded_connection_carries_both_ways(site: Site) -> None:
    def switch(client: socket.socket) -> None:
        assert b"upgrade: websocket" in client.recv(4096).lower()
        client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n")
        echo(client)

    site.stage.run("i-a", 9090, switch)
    tcp = check(protocol="TCP", port=PORT)
    groups = (target_group("ws", ("i-a", ON_A[1], 9090), how=tcp), GROUP_B)
    site.show(listener(rule(forward("ws"), path="/ws"), rule(forward("b"))), groups=groups)
    site.settle(("ws", "i-a", "healthy"), ("b", "i-b", "healthy"))
    site.until(lambda answer: answer.status == 200)
    with site.stage.open("world", PUBLIC, 80) as client:
        client.sendall(b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                       b"Upgrade: websocket\r\n\r\n")  # fmt: skip
        assert client.recv(4096).startswith(b"HTTP/1.1 101 ")
        client.sendall(b"ping")
        assert client.recv(10) == b"ping"
