"""Target health: how checks decide it, which targets get traffic, and when checks run."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from localcloud.aws.elbv2.target_states import Key, State
from localcloud.network.balancer import lua_routes, prober, targets
from localcloud.network.balancer.draining import Draining
from localcloud.network.balancer.prober import Check, Prober
from localcloud.network.balancer.target_health import (
    MISMATCH,
    TIMEOUT,
    Health,
    after_check,
    matches,
    with_times,
)
from tests.unit.localcloud.network.examples import check, target_group

HOW = check(healthy_threshold=3, unhealthy_threshold=2)
KEY: Key = ("g", "i-a", 80)
PATIENCE = 5.0  # seconds


def judged(results: str, health_: Health | None = None) -> str:
    """The states after checks that pass (+) or fail (-), by their first letters."""
    states, now = "", health_ or Health()
    for result in results:
        now = after_check(now, None if result == "+" else TIMEOUT, HOW)
        states += now.state[0]
    return states


def test_the_first_success_makes_a_target_healthy_and_then_thresholds_count_in_a_row() -> None:
    assert judged("+") == "h"
    assert judged("-+") == "ih"
    assert judged("--++-+++-+--") == "iuuuuuuhhhhu"


def test_a_target_of_a_classic_balancer_begins_with_its_threshold() -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-healthchecks.html"""
    how, now = replace(HOW, first_threshold=2), Health()
    states = ""
    for failure in (None, TIMEOUT, None, None):
        now = after_check(now, failure, how)
        states += now.state[0]
    assert states == "iiih"


def test_the_last_reason_is_kept_until_it_is_healthy() -> None:
    now = after_check(Health("unhealthy", TIMEOUT), MISMATCH, HOW)
    assert now.reason == MISMATCH
    assert after_check(now, None, HOW).reason == MISMATCH
    assert after_check(Health(), None, HOW).reason == ""


@pytest.mark.parametrize(
    ("matcher", "status", "passes"),
    [("200", 200, True), ("200", 201, False), ("200,202", 202, True), ("200-399", 302, True),
     ("200-399", 404, False), ("200,300-302", 301, True)],
)  # fmt: skip
def test_a_matcher(matcher: str, status: int, passes: bool) -> None:
    assert matches(matcher, status) is passes


def test_another_matcher_is_refused() -> None:
    with pytest.raises(ValueError, match="matcher '2xx'"):
        matches("2xx", 200)


@pytest.mark.parametrize(
    ("states", "used"),
    [("hhu", "ab"), ("uuu", "abc"), ("iii", ""), ("iui", "b"), ("hiu", "a")],
)
def test_traffic_goes_to_the_healthy_or_else_to_the_unhealthy(states: str, used: str) -> None:
    group = target_group("g", *(("i-" + name, name, 80) for name in "abc"))
    full: dict[str, State] = {"h": "healthy", "u": "unhealthy", "i": "initial"}
    by_id = {f"i-{name}": full[state] for name, state in zip("abc", states, strict=True)}
    found = targets.addresses_by_group([group], lambda key: by_id[key[1]])
    assert found == {"g": tuple(f"{name}:80" for name in used)}


@pytest.mark.parametrize(
    ("healths", "slow"),
    [
        ([(0, 1), (0, 2)], set()),  # registered together, in an empty group
        ([(0, 1), (5, 6)], {6}),
        ([(0, 1), (5, 6), (6, 7)], {6, 7}),
        ([(0, 1), (8, 9), (0, 2)], {9}),
        ([(0, 1), (1, 2)], set()),  # registered before the first was healthy
        ([(5, 6)], set()),
    ],
)
def test_which_targets_begin_slowly(healths: list[tuple[float, float]], slow: set[float]) -> None:
    """docs.aws.amazon.com/elasticloadbalancing/latest/application/
    edit-target-group-attributes.html#slow-start-mode: only when there is a healthy target that
    does not begin slowly itself. Pairs of registered and healthy."""
    found = [Health("healthy", previous_since=before, since=since) for before, since in healths]
    assert lua_routes.slow_starts(found, 30) == slow
    assert lua_routes.slow_starts(found, 0) == set()


def test_a_state_has_the_time_of_its_beginning() -> None:
    new = Health(since=1)
    healthy = with_times(Health("healthy"), new, 2)
    assert (healthy.previous_since, healthy.since) == (1, 2)
    assert with_times(Health("healthy", successes=2), healthy, 3).since == 2
    assert with_times(Health("unhealthy"), healthy, 4).previous_since == 2


def test_deregistered_targets_are_over_after_the_delay_unless_they_come_back() -> None:
    here, there, on = Path("/here"), Path("/there"), ("i-a", "a", 80)
    full = target_group("g", on, deregistration_delay=30)
    empty = target_group("g", deregistration_delay=30)
    draining = Draining()
    assert draining.update([(here, full)], 0) == []
    assert draining.wait_for_next(0) is None
    assert draining.update([(here, empty)], 1) == []
    assert draining.wait_for_next(1) == 30
    assert draining.wait_for_next(2) is None  # asked before
    assert draining.update([(here, empty)], 30) == []
    assert draining.update([(here, empty)], 31) == [(here, "a", 80)]
    assert draining.update([(here, empty)], 32) == []
    draining.update([(here, full)], 33)
    draining.update([(here, empty)], 34)
    assert draining.update([(here, empty), (here, replace(full, arn="other"))], 99) == []
    draining.update([(here, full)], 100)
    draining.update([(there, full)], 101)  # the group has moved
    assert draining.update([(there, full)], 999) == []


def test_checks_use_the_groups_port_or_the_targets_own() -> None:
    netns = Path("/n")
    for port, expected in ((None, 80), (8081, 8081)):
        how = check(port=port)
        group = target_group("g", ("i-a", "10.0.0.1", 80), how=how)
        assert prober.checks(group, netns) == {KEY: Check(netns, "10.0.0.1", expected, how)}


def test_a_check_protocol_that_is_missing_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="g: health check protocol UDP is not implemented"):
        prober.checks(target_group("g", how=check(protocol="UDP")), Path("/n"))


class Target:
    """Stands for what probes find; counts them."""

    def __init__(self) -> None:
        self.failure: str | None = TIMEOUT
        self.probes = 0
        self.probed = threading.Condition()
        self.changes: list[tuple[Key, str]] = []

    async def probe(self, _: Check) -> str | None:
        with self.probed:
            self.probes += 1
            self.probed.notify_all()
        return self.failure

    def changed(self, key: Key, now: Health) -> None:
        with self.probed:
            self.changes.append((key, now.state))
            self.probed.notify_all()

    def wait(self, probes: int = 0, state: str = "") -> None:
        with self.probed:
            assert self.probed.wait_for(
                lambda: self.probes >= probes and (not state or (KEY, state) in self.changes),
                PATIENCE,
            )


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    target = Target()
    monkeypatch.setattr(prober, "probe", target.probe)
    monkeypatch.setattr(prober, "INITIAL_INTERVAL", 0.01)
    return target


@pytest.fixture
def watching(target: Target) -> Iterator[Prober]:
    watching = Prober(target.changed)
    yield watching
    watching.close()


def watched(interval: float) -> dict[Key, Check]:
    return {KEY: Check(Path("/n"), "10.0.0.1", 80, check(interval=interval))}


def test_a_new_target_is_checked_eagerly_but_judged_by_its_interval(
    target: Target, watching: Prober
) -> None:
    watching.watch(watched(interval=60))
    target.wait(probes=5)
    assert watching.health(KEY).state == "initial"
    assert watching.health(KEY).failures == 1
    target.failure = None
    target.wait(state="healthy")
    assert target.changes == [(KEY, "initial"), (KEY, "healthy")]


def test_a_changed_check_keeps_the_health_it_found_until_it_is_watched_no_longer(
    target: Target, watching: Prober
) -> None:
    target.failure = None
    watching.watch(watched(interval=60))
    target.wait(state="healthy")
    watching.watch(watched(interval=60))
    assert watching.health(KEY).state == "healthy"
    watching.watch(watched(interval=30))
    assert watching.health(KEY).state == "healthy"
    target.wait(probes=2)
    watching.watch({})
    assert watching.health(KEY).state == "initial"
