"""Network load balancers: TCP, TLS and UDP, from the world and from the VPC.

Where no other page is named, AWS's are of docs.aws.amazon.com/elasticloadbalancing/latest/network:
edit-target-group-attributes.html, network-load-balancers.html, load-balancer-troubleshooting.html.
"""

import socket
import time
from dataclasses import replace
from typing import Any

import pytest

from localcloud.aws.elbv2.snapshots import Stickiness, TargetGroup, Zone
from localcloud.aws.snapshots import Interface, SecurityGroup
from localcloud.network.netns import path, socket_in
from tests.cloud.network.site import PUBLIC, Site
from tests.cloud.network.stage import PATIENCE, REFUSAL, echo
from tests.cloud.network.test_tls import DEFAULT, NEWEST, context
from tests.cloud.network.web import Web
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import (
    ALL,
    check,
    forward,
    group,
    interface,
    listener,
    rule,
    target_group,
    tcp,
    vpc,
)

PORT, ASKED = 9000, 81  # of the targets, and of the listener
A, B, WORLD, PRIVATE = "10.0.2.11", "10.0.2.12", "198.18.0.10", "10.0.1.5"
NAT = "198.51.100.99"
OTHERS = ("10.0.3.5", "10.0.3.6")  # the balancer's addresses in further zones
BALANCER = interface("elb-demo", PRIVATE, public=PUBLIC)
PROXIED = pytest.mark.parametrize("protocol", ["TCP", "TLS"])


def targets(*hosts: str, **more: Any) -> TargetGroup:
    """The group `g` of these hosts, which preserves the clients' addresses."""
    members = [(host, {"i-a": A, "i-b": B}[host], PORT) for host in hosts]
    made = target_group("g", *members, how=check(protocol="TCP"), protocol="TCP")
    return replace(made, **{"preserve_client_ip": True, **more})


def show(
    site: Site, group: TargetGroup, protocol: str = "TCP", idle_timeout: int = 350, **more: Any
) -> None:
    """Let the balancer, with these attributes, forward to a group."""
    one = listener(rule(forward("g")), port=ASKED, protocol=protocol)
    one = replace(one, idle_timeout=idle_timeout)
    if protocol == "TLS":
        site.stage.snapshots.issued = (DEFAULT,)
        one = replace(one, certificates=(DEFAULT.arn,), ssl_policy=NEWEST)
    site.show(one, groups=(group,), kind="network")
    site.change(**more)


def serve(site: Site, *hosts: str, protocol: str = "TCP", **more: Any) -> None:
    """Forward to these hosts, which say whom they see, once they are healthy."""
    for host in hosts:
        site.stage.serve(host, PORT)
    show(site, targets(*hosts, **more), protocol)
    site.settle(*(("g", host, "healthy") for host in hosts))


def rebuild(
    site: Site, *interfaces: Interface, balancer: Interface = BALANCER, groups: Any = ()
) -> None:
    """Let the VPC have these interfaces, and those of the site without another security group."""
    more = [each for each in site.stage.snapshots.networks[0].interfaces
            if each.host not in {"elb-demo", *(one.host for one in interfaces)}]  # fmt: skip
    known: list[SecurityGroup] = [group("sg-1", [ALL]), *groups]
    site.stage.show(vpc([balancer, *interfaces, *more], known))


def ask(site: Site, host: str = "world", address: str = PUBLIC, patience: float = PATIENCE) -> str:
    """What the balancer lets a host hear; "" if it ends the connection at once."""
    tls = any(
        each.protocol == "TLS" for b in site.stage.snapshots.balancers for each in b.listeners
    )
    try:
        with site.stage.open(host, address, ASKED, patience=patience) as client:
            if not tls:
                return client.recv(200).decode()
            with context().wrap_socket(client, server_hostname="a.test") as secure:
                return str(secure.recv(200).decode())
    except ConnectionError:
        return ""


def hears(site: Site, host: str = "world", address: str = PUBLIC) -> bool:
    """Whether a target answers a host."""
    try:
        return bool(ask(site, host, address, REFUSAL))
    except OSError:
        return False


@PROXIED
def test_hosts_of_the_vpc_reach_its_public_address_through_nat(site: Site, protocol: str) -> None:
    """.../userguide/how-elastic-load-balancing-works.html: its name has public ones there, too."""
    serve(site, "i-a", protocol=protocol)
    assert {ask(site, host) for host in ("i-a", "i-b")} == {f"i-a sees {NAT}"}


def test_connections_go_to_all_healthy_targets_and_no_other(site: Site) -> None:
    serve(site, "i-a")
    show(site, targets("i-a", "i-b"))
    site.settle(("g", "i-b", "unhealthy"))
    assert site.sink.last["g", "i-b"][1] == "Target.FailedHealthChecks"
    assert {ask(site) for _ in range(10)} == {f"i-a sees {WORLD}"}
    site.stage.serve("i-b", PORT)
    site.settle(("g", "i-b", "healthy"))
    assert {ask(site)[:3] for _ in range(12)} == {"i-a", "i-b"}


def test_without_a_healthy_target_all_are_tried_and_without_any_it_is_refused(site: Site) -> None:
    """Fail open: .../network/target-group-health.html"""
    show(site, targets("i-a"))
    site.settle(("g", "i-a", "unhealthy"))
    site.stage.serve("i-a", PORT)
    assert ask(site) == f"i-a sees {WORLD}"
    show(site, targets())
    assert ask(site) == ""


@PROXIED
@pytest.mark.parametrize("preserve", [True, False])
def test_targets_see_the_client_only_where_its_address_is_preserved(
    site: Site, preserve: bool, protocol: str
) -> None:
    """Case 14. "When you disable client IP preservation, the source IP address is the private IP
    address of the Network Load Balancer." """
    serve(site, "i-a", protocol=protocol, preserve_client_ip=preserve)
    eventually(lambda: hears(site))
    assert ask(site) == f"i-a sees {WORLD if preserve else PRIVATE}"
    assert ask(site, "i-b", PRIVATE) == f"i-a sees {B if preserve else PRIVATE}"
    # A target reaches itself only without: "NAT loopback, also known as hairpinning, is not
    # supported when client IP preservation is enabled".
    assert hears(site, "i-a", PRIVATE) is not preserve
    site.stage.restart()
    site.stage.network.reconcile()
    eventually(lambda: hears(site))


@PROXIED
@pytest.mark.parametrize("preserve", [True, False])
def test_the_targets_groups_let_in_by_the_address_that_they_see(
    site: Site, preserve: bool, protocol: str
) -> None:
    """Case 13: the controller writes a Service's source ranges into the nodes' security group, and
    the balancer's subnets for its health checks. Without preservation the latter let all in:
    .../network/target-group-register-targets.html#target-security-groups"""
    ranges = [tcp(PORT, "198.51.100.0/24"), tcp(PORT, "10.0.1.0/24")]
    node = interface("i-a", A, "sg-node", subnet="private")
    rebuild(site, node, groups=[group("sg-node", [*ranges, tcp(PORT, f"{WORLD}/32")])])
    serve(site, "i-a", protocol=protocol, preserve_client_ip=preserve)
    eventually(lambda: hears(site))
    rebuild(site, node, groups=[group("sg-node", ranges)])
    assert hears(site) is not preserve
    assert site.sink.last["g", "i-a"][0] == "healthy"


@PROXIED
@pytest.mark.parametrize("preserve", [True, False])
def test_a_balancers_own_groups_decide_first(site: Site, preserve: bool, protocol: str) -> None:
    """.../network/load-balancer-security-groups.html: clients pass the balancer's groups, and a
    target's group that names them lets its clients in, also under their own addresses."""
    node = interface("i-a", A, "sg-node", subnet="private")
    balancer = replace(BALANCER, groups=("sg-front",))
    to_nodes = group("sg-node", [tcp(PORT, groups=("sg-front",))])
    for clients, expected in ((WORLD, {"world"}), (B, {"i-b"})):
        front = group("sg-front", [tcp(ASKED, f"{clients}/32")])
        rebuild(site, node, balancer=balancer, groups=[to_nodes, front])
        if expected == {"world"}:
            serve(site, "i-a", protocol=protocol, preserve_client_ip=preserve)
            eventually(lambda: hears(site))
        reached = {"world": PUBLIC, "i-b": PRIVATE}
        assert {h for h, at in reached.items() if hears(site, h, at)} == expected
    assert not site.stage.reaches("world", A, PORT)
    assert not site.stage.reaches("i-b", A, PORT)
    shut = group("sg-front", [tcp(ASKED, f"{B}/32")], egress=[tcp(1, "0.0.0.0/0")])
    rebuild(site, node, balancer=balancer, groups=[to_nodes, shut])
    assert not hears(site, "i-b", PRIVATE)


@pytest.mark.parametrize("terminate", [True, False])
def test_a_connection_outlives_its_targets_registration_unless_termination_is_enabled(
    site: Site, terminate: bool
) -> None:
    """#deregistration-delay: with termination it ends after the delay."""
    site.stage.run("i-a", PORT, echo)
    ends: Any = {"terminate_deregistered": terminate, "deregistration_delay": 0.5}
    show(site, targets("i-a", **ends))
    site.settle(("g", "i-a", "healthy"))
    with site.stage.open("world", PUBLIC, ASKED) as before:
        serve(site, "i-b", **ends)
        assert ask(site) == f"i-b sees {WORLD}"
        assert goes_on(before)
        time.sleep(0.6)
        site.reconciler.reconcile()
        assert goes_on(before) is not terminate


@pytest.mark.parametrize("terminate", [True, False])
def test_a_connection_to_a_target_that_becomes_unhealthy_ends_by_default(
    site: Site, terminate: bool
) -> None:
    """#unhealthy-target-connection-termination"""
    site.stage.run("i-a", PORT, echo)
    alive = Web("i-a", PORT + 1)
    check_ = check(port=PORT + 1)
    show(site, replace(targets("i-a", terminate_unhealthy=terminate), health_check=check_))
    site.settle(("g", "i-a", "healthy"))
    with site.stage.open("world", PUBLIC, ASKED) as before:
        other = replace(targets("i-a", "i-b", terminate_unhealthy=terminate), health_check=check_)
        web = Web("i-b", PORT + 1)
        show(site, other)
        alive.close()
        site.settle(("g", "i-a", "unhealthy"), ("g", "i-b", "healthy"))
        assert goes_on(before) is not terminate
        web.close()


@pytest.mark.parametrize("seconds", [1, 350])
def test_a_connection_ends_after_the_idle_timeout(site: Site, seconds: int) -> None:
    """network-load-balancers.html#connection-idle-timeout: 350 s unless the listener has another;
    what comes later is answered with a reset."""
    site.stage.run("i-a", PORT, echo)
    show(site, targets("i-a"), idle_timeout=seconds)
    site.settle(("g", "i-a", "healthy"))
    with site.stage.open("world", PUBLIC, ASKED) as client:
        assert goes_on(client)
        time.sleep(2.1)
        assert goes_on(client) is (seconds > 1)


def goes_on(client: socket.socket) -> bool:
    """Whether an open connection to an echo server works."""
    try:
        client.sendall(b"still?")
        return client.recv(9) == b"still?"
    except ConnectionError:
        return False


def test_a_client_of_datagrams_moves_on_when_its_target_goes(site: Site) -> None:
    """A flow of datagrams has no end of its own; termination is the default for UDP."""
    for host in ("i-a", "i-b"):
        site.stage.serve_datagrams(host, PORT)
    ends: Any = {"terminate_deregistered": True, "deregistration_delay": 0, "protocol": "UDP"}
    serve(site, "i-a", **ends)
    with socket_in(path("world"), kind=socket.SOCK_DGRAM) as client:
        client.connect((PUBLIC, ASKED))
        client.settimeout(PATIENCE)

        def heard() -> bytes:
            client.send(b"who?")
            return client.recv(3)

        assert heard() == b"i-a"
        serve(site, "i-b", **ends)
        assert heard() == b"i-b"


@pytest.mark.parametrize("protocol", ["UDP", "TCP_UDP"])
def test_datagrams_are_forwarded(site: Site, protocol: str) -> None:
    """.../network/create-listener.html: TCP_UDP is both on one port; UDP is checked by TCP."""
    site.stage.serve_datagrams("i-a", PORT)
    serve(site, "i-a", protocol=protocol)
    assert site.stage.ask_datagram("world", PUBLIC, ASKED) == f"i-a sees {WORLD}"
    assert site.stage.ask_datagram("i-b", PRIVATE, ASKED) == f"i-a sees {B}"
    assert bool(ask(site)) == (protocol == "TCP_UDP")


@pytest.mark.parametrize(
    ("balancer", "group", "zonal"),
    [(True, None, False), (False, None, True), (False, True, False), (True, False, True)],
)
def test_without_cross_zone_each_address_has_the_targets_of_its_zone(
    site: Site, balancer: bool, group: bool | None, zonal: bool
) -> None:
    """.../network/target-group-cross-zone.html: the group's setting, or else the balancer's."""
    client = interface("i-c", "10.0.2.13", "sg-1", subnet="private")
    others = [interface("elb-demo", address, subnet="closed") for address in OTHERS]
    rebuild(site, client, *others)
    serve(site, "i-a", "i-b")
    made = targets("i-a", "i-b", cross_zone=group)
    of_zones = tuple(replace(t, zone=z) for t, z in zip(made.targets, "ab", strict=True))
    zones = tuple(Zone(z, ip, None) for z, ip in zip("abc", (PRIVATE, *OTHERS), strict=True))
    show(site, replace(made, targets=of_zones), zones=zones, cross_zone=balancer)
    of_zone = [{"i-a"}, {"i-b"}, {""}] if zonal else [{"i-a", "i-b"}] * 3
    for zone, expected in zip(zones, of_zone, strict=True):
        assert {ask(site, "i-c", zone.private_ip)[:3] for _ in range(12)} == expected


def test_a_sticky_client_stays_with_one_target(site: Site) -> None:
    serve(site, "i-a", "i-b", stickiness=Stickiness("source_ip", 0))
    assert len({ask(site) for _ in range(12)}) == 1


def test_a_balancer_that_goes_leaves_no_rule(site: Site) -> None:
    serve(site, "i-a")
    site.stage.snapshots.balancers = ()
    site.reconciler.reconcile()
    assert ask(site) == ""
