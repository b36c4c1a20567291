"""What a check yields, an outcome for each thing it tries, and for how long it tries."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_PAUSE = 0.2  # seconds between the first two tries of a probe
LAST_PAUSE = 5.0  # seconds between tries at most
GROWTH = 1.6


class FailedProbe(Exception):
    """A probe got no result; the message says what was seen instead. A later try may get one."""


class CannotRun(Exception):
    """Something that a check needs is missing, and waiting does not help; the message says what."""


@dataclass(frozen=True)
class Verdict:
    """What was seen, and whether it is as expected. Where the table is too narrow, it leaves out
    the parts in parentheses of `saw` and of the expectation's `action`."""

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
    expectation: Expectation
    verdict: Verdict


@dataclass(frozen=True)
class Result:
    """The result of a check; `seconds` is its wall time. `ok`: it has outcomes, and all are ok.

    If a check could not run, or not to its end, its last outcome has the reason as its verdict.
    """

    number: int
    title: str
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        return bool(self.outcomes) and all(each.verdict.ok for each in self.outcomes)


Notice = Callable[[Outcome, float], None]


class Patience:
    """One deadline for the whole run, for what is not ready yet when `pulumi up` ends.

    `notice` is called with what does not hold after the growing pauses, some 10 s, and the seconds
    that are left.
    """

    def __init__(self, seconds: float, notice: Notice = lambda outcome, left: None) -> None:
        self._deadline = time.monotonic() + seconds
        self._notice = notice
        self._given_up = threading.Event()

    def give_up(self) -> None:
        """Make every probe end with what it saw last, without another try."""
        self._given_up.set()

    def until_holds(self, expectation: Expectation, probe: Callable[[], Verdict]) -> Outcome:
        """Try at least once, then again with growing pauses until it holds or time is up."""
        return self._until(expectation, probe, lambda verdict: verdict.ok)

    def until_judged(self, expectation: Expectation, probe: Callable[[], Verdict]) -> Outcome:
        """Try until the probe gets a result, whether it holds or not, or time is up: for what must
        not exist or be reached, where the first result is final."""
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
            before, pause = pause, min(pause * GROWTH, LAST_PAUSE)
            if before < pause == LAST_PAUSE:
                self._notice(Outcome(expectation, verdict), left)
