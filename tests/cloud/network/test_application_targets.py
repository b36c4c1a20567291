"""How targets of application load balancers come and go.

docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
"""

import socket
import threading
from collections import Counter
from contextlib import closing, suppress
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse

from localcloud.aws.elbv2.snapshots import FixedResponse, TargetGroup
from localcloud.network.netns import path, run_in
from tests.cloud.network.site import ON_A, ON_B, PORT, PUBLIC, Site
from tests.cloud.network.web import get
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import (
    check,
    forward,
    interface,
    listener,
    rule,
    target_group,
)

TCP = check(protocol="TCP", port=PORT)
ON_SLOW = ("i-a", ON_A[1], 9090)


def connection() -> HTTPConnection:
    """A client's connection from the world."""
    client = HTTPConnection(PUBLIC, timeout=10)
    run_in(path("world"), client.connect)
    return client


def asked(client: HTTPConnection) -> HTTPResponse:
    client.request("GET", "/")
    return client.getresponse()


def test_a_client_keeps_its_connection_when_targets_and_rules_change(site: Site) -> None:
    group = target_group("g", ON_A)
    site.serve(group)
    workers = site.workers()
    with closing(connection()) as client:
        assert asked(client).read() == b"i-a"
        opened = client.sock
        both = replace(group, targets=target_group("g", ON_B).targets)
        site.show(
            listener(rule(FixedResponse(200, "", "1"), path="/one"), rule(forward("g"))),
            groups=(both,),
        )
        site.settle(("g", "i-b", "healthy"))
        assert asked(client).read() == b"i-b"
        assert client.sock is opened
    assert site.get("/one").body == "1"
    assert site.workers() == workers


class Slow:
    """A server at i-a that answers when it is allowed to."""

    def __init__(self, site: Site) -> None:
        self.asked, self.allowed = threading.Event(), threading.Event()
        site.stage.run("i-a", ON_SLOW[2], self.answer)

    def answer(self, client: socket.socket) -> None:
        if client.recv(4096):
            self.asked.set()
            self.allowed.wait(10)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")


def draining(site: Site, delay: float) -> tuple[Slow, HTTPConnection]:
    """A request on its way to a target that has just been deregistered."""
    slow = Slow(site)
    group = target_group("g", ON_SLOW, how=TCP, deregistration_delay=delay)
    site.show(listener(rule(forward("g"))), groups=(group,))
    site.settle(("g", "i-a", "healthy"))
    client = connection()
    client.request("GET", "/")
    assert slow.asked.wait(10)
    site.stage.snapshots.groups = (replace(group, targets=target_group("g", ON_B).targets),)
    site.reconciler.reconcile()
    site.settle(("g", "i-b", "healthy"))
    assert site.get().body == "i-b"
    return slow, client


def test_a_request_to_a_deregistered_target_may_end_within_the_delay(site: Site) -> None:
    slow, client = draining(site, delay=60)
    slow.allowed.set()
    with closing(client):
        assert client.getresponse().read() == b"slow"


def test_a_request_to_a_deregistered_target_is_ended_after_the_delay(site: Site) -> None:
    seen = site.stage.changes.seen({"health"})
    slow, client = draining(site, delay=0.5)
    with closing(client):
        while not slow.allowed.is_set():  # the reconciler is woken as in a cloud
            site.stage.changes.wait({"health"}, seen, timeout=10)
            seen = site.stage.changes.seen({"health"})
            site.reconciler.reconcile()
            with suppress(TimeoutError):
                client.sock.settimeout(0.1)
                assert client.sock.recv(4096).startswith(b"HTTP/1.1 502 ")
                slow.allowed.set()


def test_a_new_target_begins_slowly_beside_others(site: Site) -> None:
    def shares() -> Counter[str]:
        return Counter(site.get().body for _ in range(40))

    group = target_group("g", ON_A, slow_start=4)
    site.serve(group)
    site.stage.snapshots.groups = (replace(group, targets=target_group("g", ON_A, ON_B).targets),)
    site.reconciler.reconcile()
    site.settle(("g", "i-b", "healthy"))
    assert shares()["i-b"] < 12
    eventually(lambda: shares()["i-b"] == 20)


def test_the_target_with_the_fewest_outstanding_requests_is_chosen(site: Site) -> None:
    slow = Slow(site)
    group = target_group("g", ON_SLOW, ON_B, how=TCP, algorithm="least_outstanding_requests")
    site.show(listener(rule(forward("g"))), groups=(group,))
    site.settle(("g", "i-a", "healthy"), ("g", "i-b", "healthy"))
    waiting = []
    while not slow.asked.wait(0.1):
        waiting.append(connection())
        waiting[-1].request("GET", "/")
    assert {site.get().body for _ in range(6)} == {"i-b"}
    slow.allowed.set()
    for client in waiting:
        client.close()


def test_a_group_that_moves_to_another_load_balancer_and_back_serves_there(site: Site) -> None:
    """Case 29's second half."""
    other = "198.51.100.8"
    (vpc,) = site.stage.snapshots.networks
    more = interface("elb-other", "10.0.1.6", "sg-1", public=other)
    site.stage.show(replace(vpc, interfaces=(*vpc.interfaces, more)))
    groups: tuple[TargetGroup, ...] = (target_group("g", ON_A),)
    empty, full = listener(rule(FixedResponse(404, "", ""))), listener(rule(forward("g")))
    site.show(full, groups=groups)
    (demo,) = site.stage.snapshots.balancers

    def served(first: str, second: str) -> None:
        def seen() -> list[str]:
            site.reconciler.reconcile()
            return [site.get().body, get("world", other).body]

        eventually(lambda: seen() == [first, second])

    for here, there, bodies in (
        (full, empty, ("i-a", "")),
        (empty, full, ("", "i-a")),
        (full, empty, ("i-a", "")),
    ):
        site.stage.snapshots.balancers = (
            replace(demo, listeners=(here,)),
            replace(demo, arn="arn:other", host="elb-other", listeners=(there,)),
        )
        served(*bodies)
