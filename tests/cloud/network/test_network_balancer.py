"""Network load balancers: TCP, from the world."""

from localcloud.aws.snapshots import TargetGroup
from tests.cloud.network.site import ON_A, ON_B, PUBLIC, Site
from tests.cloud.network.web import get
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import check, forward, listener, rule, target_group

TCP = check(protocol="TCP")


def show(site: Site, group: TargetGroup) -> None:
    tcp = listener(rule(forward("g")), port=81, protocol="TCP")
    site.show(tcp, groups=(group,), kind="network")


def answered(site: Site) -> set[str]:
    """Who answers ten requests; "" for a connection that is ended at once."""

    def once() -> str:
        try:
            return get("world", PUBLIC, port=81).body
        except OSError:
            return ""

    return {once() for _ in range(10)}


def test_connections_go_to_all_healthy_targets_and_no_other(site: Site) -> None:
    show(site, target_group("g", ON_A, ON_B, how=TCP, protocol="TCP"))
    site.settle(("g", "i-a", "healthy"), ("g", "i-b", "healthy"))
    eventually(lambda: answered(site) == {"i-a", "i-b"})
    site.b.close()
    site.settle(("g", "i-b", "unhealthy"))
    assert site.sink.last["g", "i-b"][1] == "Target.FailedHealthChecks"
    eventually(lambda: answered(site) == {"i-a"})


def test_without_targets_a_connection_is_ended(site: Site) -> None:
    show(site, target_group("g", how=TCP, protocol="TCP"))
    assert answered(site) == {""}
