"""The fabric as records change, and after a restart."""

from dataclasses import replace

import pytest

from localcloud.network.fabric.apply import FabricError
from tests.local.network.example import NODE, WEB, WEB_PUBLIC, example
from tests.local.network.stage import Stage
from tests.unit.localcloud.network.examples import (
    group,
    interface,
    other_vpc,
)


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
    assert stage.ask("world", WEB_PUBLIC, 80) == "i-web sees 203.0.113.10"


def test_a_ruleset_that_is_refused_keeps_the_other_routers_working(stage: Stage) -> None:
    other = other_vpc(
        [interface("i-a", "10.1.1.5", subnet="other", prefixes=("10.1.9.0/24",)),
         interface("i-b", "10.1.1.6", subnet="other", prefixes=("10.1.9.0/25",))], [])  # fmt: skip
    with pytest.raises(FabricError, match="nft"):
        stage.show(other, example())
    stage.serve("i-web", 80)
    assert stage.ask("world", WEB_PUBLIC, 80) == "i-web sees 203.0.113.10"
