"""Who reaches whom: the world, security groups, pods."""

from dataclasses import replace

import pytest

from localcloud.aws.records import Rule
from tests.local.network.example import DATABASE, NODE, WEB, WEB_PUBLIC, example
from tests.local.network.stage import Stage
from tests.unit.localcloud.network.examples import (
    group,
)


def test_the_world_reaches_a_public_address_and_is_seen_as_itself(stage: Stage) -> None:
    stage.show(example())
    stage.serve("i-web", 80)
    assert stage.ask("world", WEB_PUBLIC, 80) == "i-web sees 203.0.113.10"


def test_the_world_does_not_reach_ports_that_no_rule_opens(stage: Stage) -> None:
    stage.show(example())
    stage.serve("i-web", 82)
    assert not stage.reaches("world", WEB_PUBLIC, 82)


@pytest.mark.parametrize("address", [WEB, NODE, "100.64.0.2"])
def test_the_world_has_no_way_to_private_addresses(stage: Stage, address: str) -> None:
    stage.show(example())
    for host in ("i-web", "i-node", "vpc-1"):
        stage.serve(host, 80)
    assert not stage.reaches("world", address, 80)


def test_a_group_by_reference_opens_to_its_members_only(stage: Stage) -> None:
    stage.show(example())
    stage.serve("i-node", 8080)
    stage.serve("i-database", 5432)
    assert stage.ask("i-web", NODE, 8080) == f"i-node sees {WEB}"
    assert stage.ask("i-node", DATABASE, 5432) == f"i-database sees {NODE}"
    assert not stage.reaches("i-web", DATABASE, 5432)


def test_egress_of_the_source_counts_too(stage: Stage) -> None:
    stage.show(example())
    stage.serve("i-web", 80)
    assert stage.ask("i-node", WEB, 80) == f"i-web sees {NODE}"
    assert not stage.reaches("i-database", WEB, 80)


def test_pods_count_as_their_node(stage: Stage) -> None:
    stage.show(example())
    stage.commands("i-node", "addr add 10.0.128.7/32 dev lo")
    stage.serve("i-database", 5432)
    stage.serve("i-node", 8080, "10.0.128.7")
    stage.serve("world", 443)
    assert stage.ask("i-node", DATABASE, 5432, "10.0.128.7") == "i-database sees 10.0.128.7"
    assert stage.ask("i-web", "10.0.128.7", 8080) == f"i-node sees {WEB}"
    assert stage.ask("i-node", "203.0.113.10", 443, "10.0.128.7") == "world sees 198.51.100.99"


def test_nobody_sends_with_an_address_that_is_not_theirs(stage: Stage) -> None:
    base = example()
    udp = Rule("udp", 9, 9, groups=("sg-node",))
    stage.show(replace(base, groups=(*base.groups[:2], group("sg-database", [udp]))))
    stage.commands("i-web", f"addr add {NODE}/32 dev lo")
    assert stage.arrives("i-node", NODE, "i-database", DATABASE)
    assert not stage.arrives("i-web", NODE, "i-database", DATABASE)
