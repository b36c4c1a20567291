"""Classic Load Balancers: TCP and HTTP beside each other, from the world."""

import threading
from dataclasses import replace

from localcloud.aws.elbv2.snapshots import TargetGroup
from localcloud.network.netns import path, socket_in
from tests.cloud.network.site import ON_A, ON_B, PUBLIC, Site
from tests.cloud.network.web import get
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import check, forward, listener, rule, target_group


def instances(*targets: tuple[str, str, int]) -> TargetGroup:
    group = target_group("g", *targets, how=check(first_threshold=2))
    return replace(group, fails_open=False)


def show(site: Site, group: TargetGroup, proxy_protocol: bool = False) -> None:
    to = rule(forward("g"))
    tcp = replace(listener(to, port=81, protocol="TCP"), proxy_protocol=proxy_protocol)
    site.show(listener(to), tcp, groups=(group,), kind="classic")


def served(site: Site, port: int) -> set[str]:
    """Who answers ten requests; the status if it is an error, and "" for an ended connection."""

    def once() -> str:
        try:
            answer = get("world", PUBLIC, port=port)
        except OSError:
            return ""
        return answer.body if answer.status == 200 else str(answer.status)

    return {once() for _ in range(10)}


def test_only_instances_in_service_get_requests(site: Site) -> None:
    """.../classic/ts-elb-error-message.html: HTTP 503 without any."""
    show(site, instances(ON_A, ON_B))
    site.settle(("g", "i-a", "healthy"), ("g", "i-b", "healthy"))
    for port in (80, 81):
        eventually(lambda port=port: served(site, port) == {"i-a", "i-b"})  # type: ignore[misc]
    assert any("X-Forwarded-For" in headers for _, headers in site.a.seen)
    site.a.status = 500
    site.settle(("g", "i-a", "unhealthy"))
    for port in (80, 81):
        eventually(lambda port=port: served(site, port) == {"i-b"})  # type: ignore[misc]
    site.b.status = 302  # a health check wants 200
    site.settle(("g", "i-b", "unhealthy"))
    eventually(lambda: served(site, 80) == {"503"} and served(site, 81) == {""})


def test_the_proxy_protocol_tells_the_clients_address(site: Site) -> None:
    """.../classic/enable-proxy-protocol.html"""
    heard: list[bytes] = []
    server = socket_in(path("i-a"))
    server.bind(("", 9000))
    server.listen()

    def hear() -> None:
        while not any(heard):
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(100))

    threading.Thread(target=hear, daemon=True).start()
    how = check(protocol="TCP", first_threshold=1)
    show(site, replace(instances(("i-a", ON_A[1], 9000)), health_check=how), proxy_protocol=True)
    site.settle(("g", "i-a", "healthy"))

    def told() -> bool:
        served(site, 81)
        return any(each.startswith(b"PROXY TCP4 198.18.0.10 ") for each in heard)

    eventually(told)
    server.close()
