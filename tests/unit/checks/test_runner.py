"""Side by side, in order, with patience; and never green without an outcome."""

import threading
import time
from collections.abc import Iterator
from unittest.mock import Mock

import pytest

from checks import outcome
from checks.context import Check, Context
from checks.outcome import CannotRun, Expectation, FailedProbe, Outcome, Patience, Result, Verdict
from checks.runner import result_of, run

EXPECTATION = Expectation("look", "something", "there")
GOOD = Outcome(EXPECTATION, Verdict(True, "something"))
NO_CONTEXT = Mock(spec=[])


def test_results_come_in_order_however_the_checks_end() -> None:
    second_done = threading.Event()

    def first(_: Context) -> Iterator[Outcome]:
        assert second_done.wait(5)
        yield GOOD

    def second(_: Context) -> Iterator[Outcome]:
        yield GOOD
        second_done.set()

    shown: list[Result] = []
    results = run([Check(1, "one", first), Check(2, "two", second)], NO_CONTEXT, shown.append)

    assert [each.number for each in results] == [1, 2]
    assert shown == list(results)
    assert all(each.ok for each in results)


@pytest.mark.parametrize(
    ("error", "saw"),
    [
        (CannotRun("no kubectl"), "no kubectl"),
        (KeyError("metadata"), "KeyError: 'metadata'"),
    ],
)
def test_a_check_that_cannot_go_on_fails_and_keeps_what_it_saw(error: Exception, saw: str) -> None:
    def outcomes(_: Context) -> Iterator[Outcome]:
        yield GOOD
        raise error

    result = result_of(Check(1, "one", outcomes), NO_CONTEXT)

    assert not result.ok
    assert [each.verdict for each in result.outcomes] == [GOOD.verdict, Verdict(False, saw)]


def test_a_check_that_says_nothing_fails() -> None:
    assert not result_of(Check(1, "one", lambda _: iter(())), NO_CONTEXT).ok


def test_a_probe_is_tried_until_it_holds() -> None:
    answers = [FailedProbe("no answer"), Verdict(False, "wrong"), GOOD.verdict]

    assert Patience(60).until_holds(EXPECTATION, Mock(side_effect=answers)) == GOOD


def test_what_does_not_hold_for_long_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(outcome, "LAST_PAUSE", 0.002)
    told: list[Outcome] = []
    bad = Verdict(False, "wrong")
    patience = Patience(60, lambda found, left: told.append(found))
    answers = [*[bad] * 5, GOOD.verdict]
    assert patience.until_holds(EXPECTATION, Mock(side_effect=answers)) == GOOD
    assert told == [Outcome(EXPECTATION, bad)]


def test_what_must_not_be_there_is_tried_until_it_can_be_told() -> None:
    answers = [FailedProbe("no control got through"), Verdict(False, "reached"), GOOD.verdict]

    found = Patience(60).until_judged(EXPECTATION, Mock(side_effect=answers))

    assert found.verdict == Verdict(False, "reached")


def test_a_probe_is_tried_once_at_least_and_the_last_thing_seen_is_told() -> None:
    found = Patience(0).until_holds(EXPECTATION, Mock(side_effect=FailedProbe("no answer")))

    assert found.verdict == Verdict(False, "no answer")


def test_what_waiting_does_not_cure_is_not_waited_for() -> None:
    with pytest.raises(CannotRun):
        Patience(60).until_holds(EXPECTATION, Mock(side_effect=CannotRun("no kubectl")))


def test_an_interrupt_ends_the_waiting() -> None:
    patience = Patience(60)
    tried = threading.Event()

    def probe() -> Verdict:
        tried.set()
        return Verdict(False, "not yet")

    def waits(_: Context) -> Iterator[Outcome]:
        yield patience.until_holds(EXPECTATION, probe)

    def interrupt(_: Result) -> None:
        assert tried.wait(5)
        raise KeyboardInterrupt

    checks = [Check(1, "one", lambda _: iter([GOOD])), Check(2, "two", waits)]
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(checks, Mock(patience=patience), interrupt)
    assert time.monotonic() - begun < 30
