"""The fabric of other records than the example's, as records change, and after a restart."""

from dataclasses import replace

import pytest

from localcloud.aws.snapshots import Rule, Vpc
from localcloud.network.fabric.apply import FabricError
from tests.cloud.network.example import AWS, DATABASE, NODE, WEB, WEB_PUBLIC, WORLD, example
from tests.cloud.network.stage import Stage
from tests.unit.localcloud.network.examples import ALL, group, interface, other_vpc


def with_database(*egress: Rule, ingress: tuple[Rule, ...] = ()) -> Vpc:
    """The example with other rules of the database's group."""
    base = example()
    return replace(base, groups=(*base.groups[:2], group("sg-database", ingress, egress)))


def test_without_a_way_out_neither_the_world_nor_aws_is_reached(stage: Stage) -> None:
    stage.show(with_database(ALL))
    stage.serve("world", 443)
    stage.serve(None, 443, AWS)
    assert not stage.reaches("i-database", WORLD, 443)
    assert not stage.reaches("i-database", AWS, 443)


def test_a_nat_gateway_in_a_closed_subnet_leads_nowhere(stage: Stage) -> None:
    base = example()
    nat = replace(base.nat_gateways[0], subnet_id="subnet-closed")
    stage.show(replace(base, nat_gateways=(nat,)))
    stage.serve("world", 443)
    assert not stage.reaches("i-node", WORLD, 443)


def test_nobody_sends_with_an_address_that_is_not_theirs(stage: Stage) -> None:
    stage.show(with_database(ALL, ingress=(Rule("udp", 9, 9, groups=("sg-node",)),)))
    stage.commands("i-web", f"addr add {NODE}/32 dev lo")
    assert stage.arrives("i-node", NODE, "i-database", DATABASE)
    assert not stage.arrives("i-web", NODE, "i-database", DATABASE)


def test_private_addresses_never_leave_their_vpc(stage: Stage) -> None:
    stage.show(with_database(ALL))
    before = stage.count("vpc-1")
    assert not stage.arrives("i-database", DATABASE, "world", WORLD)
    assert not stage.reaches("i-node", "10.0.3.99", 80)  # an address that no host has
    assert stage.count("vpc-1") == before
    assert stage.arrives("i-node", NODE, "world", WORLD)
    assert stage.count("vpc-1") > before


def test_a_change_of_rules_leaves_open_connections_alone(stage: Stage) -> None:
    base = example()
    stage.show(base)
    stage.serve("i-node", 8080)
    with stage.open("i-web", NODE, 8080) as connection:
        stage.show(replace(base, groups=(base.groups[0], group("sg-node"), base.groups[2])))
        assert not stage.reaches("i-web", NODE, 8080)
        assert connection.recv(100).decode() == f"i-node sees {WEB}"


def test_hosts_come_and_go_with_their_interfaces_and_tell(stage: Stage) -> None:
    stage.show(example())
    mark = stage.changes.seen(["network"])
    stage.show(replace(example(), interfaces=example().interfaces[1:]))
    assert stage.changes.seen(["network"]) > mark
    assert stage.network.host("i-web") is None
    assert stage.network.host("i-node") is not None
    assert stage.network.host("vpc-1") is None  # a router is nobody's host


def test_nothing_is_done_when_nothing_changed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.show(example())
    monkeypatch.setattr("subprocess.run", lambda *args, **kwargs: pytest.fail("ran something"))
    stage.show(example())


def test_a_reconciler_that_starts_anew_takes_over_what_is_there(stage: Stage) -> None:
    stage.show(example(), other_vpc([interface("i-o", "10.1.1.5", subnet="other")], []))
    stage.serve("i-web", 80)
    stage.restart()
    stage.show(example())
    assert stage.ask("world", WEB_PUBLIC, 80) == f"i-web sees {WORLD}"


def test_a_ruleset_that_is_refused_keeps_the_other_routers_working(stage: Stage) -> None:
    other = other_vpc(
        [interface("i-a", "10.1.1.5", subnet="other", prefixes=("10.1.9.0/24",)),
         interface("i-b", "10.1.1.6", subnet="other", prefixes=("10.1.9.0/25",))], [])  # fmt: skip
    with pytest.raises(FabricError, match="nft"):
        stage.show(other, example())
    stage.serve("i-web", 80)
    assert stage.ask("world", WEB_PUBLIC, 80) == f"i-web sees {WORLD}"
