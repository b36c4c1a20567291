"""What a check yields: an outcome for each thing it tries, and how long it may try."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_PAUSE = 0.2  # seconds between the first two tries of a probe
LAST_PAUSE = 5.0  # seconds between tries at most
GROWTH = 1.6


class FailedProbe(Exception):
    """A probe without a result; the message is what was seen instead. A later try may succeed."""


class CannotRun(Exception):
    """Something that a check needs is missing, and waiting does not help; the message says what."""


@dataclass(frozen=True)
class Verdict:
    """Whether what was seen is what was expected. Text in parentheses, also that of an
    expectation's action, is left out of the table when it does not fit."""

    ok: bool
    saw: str


@dataclass(frozen=True)
class Expectation:
    """What is tried (`action`), what that should show, and where to look if it does not."""

    action: str
    expected: str
    look: str


@dataclass(frozen=True)
class Outcome:
    """An expectation and the verdict on it."""

    expectation: Expectation
    verdict: Verdict


@dataclass(frozen=True)
class Result:
    """A check that ran; `seconds` is its wall time. It holds if it has outcomes and all are ok.

    If a check could not run, or not to its end, its last outcome has the reason as its verdict.
    """

    number: int
    title: str
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        return bool(self.outcomes) and all(each.verdict.ok for each in self.outcomes)


class Patience:
    """One deadline for the whole run: some things take a while after `pulumi up`."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._given_up = threading.Event()

    def give_up(self) -> None:
        """End the wait of every probe for its next try: what it saw last is its outcome."""
        self._given_up.set()

    def until_holds(self, expectation: Expectation, probe: Callable[[], Verdict]) -> Outcome:
        """Try at least once, then again with growing pauses until it holds or time is up."""
        return self._until(expectation, probe, lambda verdict: verdict.ok)

    def until_seen(self, expectation: Expectation, probe: Callable[[], Verdict]) -> Outcome:
        """Try until there is a verdict, whether it holds or not: for what must not exist or be
        reached, where waiting would prove nothing more."""
        return self._until(expectation, probe, lambda _: True)

    def _until(
        self,
        expectation: Expectation,
        probe: Callable[[], Verdict],
        final: Callable[[Verdict], bool],
    ) -> Outcome:
        pause = FIRST_PAUSE
        while True:
            try:
                verdict = probe()
                done = final(verdict)
            except FailedProbe as failed:
                verdict, done = Verdict(False, str(failed)), False
            left = self._deadline - time.monotonic()
            if done or left <= 0 or self._given_up.wait(min(pause, left)):
                return Outcome(expectation, verdict)
            pause = min(pause * GROWTH, LAST_PAUSE)
