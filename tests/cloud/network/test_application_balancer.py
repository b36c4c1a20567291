"""Application load balancers: what targets get, health, and what nginx lives through."""

import signal
import socket
from contextlib import suppress
from dataclasses import replace

import pytest

from localcloud.aws.snapshots import FixedResponse, Listener
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
GROUP_A, GROUP_B = target_group("a", ON_A), target_group("b", ON_B)


def test_a_target_gets_the_request_as_it_was_sent(site: Site) -> None:
    site.serve(GROUP_A)
    site.a.seen.clear()
    raw = "/a%2Fb//c/../d?q=%20&x=$host"
    answer = site.get(raw, **{"Host": "svc1.example.com:80", "X-Forwarded-For": "192.0.2.1"})
    ((path, headers),) = site.a.seen
    assert (answer.body, path) == ("i-a", raw)
    assert headers["Host"] == "svc1.example.com:80"
    assert headers["X-Forwarded-For"] == "192.0.2.1, 198.18.0.10"
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["X-Forwarded-Port"] == "80"
    assert answer.headers["Server"].startswith("Target/1")


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


def test_a_group_without_targets_is_unavailable(site: Site) -> None:
    site.show(listener(rule(forward("a"))), groups=(target_group("a"),))
    answer = site.get()
    assert answer.status == 503
    assert answer.body == PAGE.format("503 Service Temporarily Unavailable")


def test_a_target_that_refuses_is_a_bad_gateway(site: Site) -> None:
    site.serve(GROUP_A)
    site.a.close()
    answer = site.get()
    assert answer.status == 502
    assert answer.body == PAGE.format("502 Bad Gateway")


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
    refused("listener-80: listener protocol HTTPS is not implemented", https)
    assert site.sink.carrying == set()
    site.show(listener(rule(FOUND)))
    assert site.sink.carrying == {"arn:demo"}
    refused("HTTPS is not implemented", https)
    refused("too long parameter", listener(rule(replace(FOUND, body="$" * 1024))))
    assert site.get().body == "found"


@pytest.mark.parametrize("drop", [True, False])
def test_invalid_header_fields_reach_a_target_unless_they_are_dropped(
    site: Site, drop: bool
) -> None:
    site.serve(GROUP_A, drop_invalid_headers=drop)
    get("world", PUBLIC, headers={"under_score": "1", "odd!": "2", "good": "3"})
    names = {name for name in site.a.seen[-1][1] if name in ("under_score", "odd!", "good")}
    assert names == ({"good"} if drop else {"under_score", "odd!", "good"})


def test_one_that_died_comes_back_although_its_workers_live(site: Site) -> None:
    def forwards(group: str, target: str) -> None:
        site.show(listener(rule(forward(group))), groups=(GROUP_A, GROUP_B))
        site.settle((group, target, "healthy"))
        eventually(lambda: answers(site, target))

    forwards("a", "i-a")
    process = site.reconciler._servers["arn:demo"]._process
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
