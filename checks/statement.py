"""What a check says: statements with a verdict each, and how long it may wait for them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_PAUSE = 0.2  # seconds between the first two tries of a probe
LAST_PAUSE = 5.0  # seconds between tries at most
GROWTH = 1.6


class FailedProbe(Exception):
    """A probe got no answer; the message is what was seen instead. A later try may do better."""


class CannotRun(Exception):
    """What a check needs is not there and will not come by waiting; the message is the reason."""


@dataclass(frozen=True)
class Verdict:
    """Whether what was seen is what the post says. Remarks in round brackets are details, in a
    claim's deed too: the table leaves them out where it is too narrow."""

    ok: bool
    saw: str


@dataclass(frozen=True)
class Claim:
    """One statement before it is tried: the deed, what it should show, where to look if not."""

    did: str
    expected: str
    look: str


@dataclass(frozen=True)
class Statement:
    """A claim and its verdict."""

    claim: Claim
    verdict: Verdict


@dataclass(frozen=True)
class Result:
    """A check that ran; `seconds` is its wall time. It holds if it said something, all of it true.

    A check that could not run has one statement, with the reason as its verdict.
    """

    number: int
    title: str
    statements: tuple[Statement, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        return bool(self.statements) and all(each.verdict.ok for each in self.statements)


class Patience:
    """How long the whole run waits for what takes a while after `pulumi up`: one deadline."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._given_up = threading.Event()

    def give_up(self) -> None:
        """Let every probe that waits for its next try return what it saw last."""
        self._given_up.set()

    def until_holds(self, claim: Claim, probe: Callable[[], Verdict]) -> Statement:
        """Try at least once, then again with growing pauses until it holds or time is up."""
        return self._until(claim, probe, lambda verdict: verdict.ok)

    def until_seen(self, claim: Claim, probe: Callable[[], Verdict]) -> Statement:
        """As above until there is a verdict, whether it holds or not: for what must not be there,
        where waiting would prove nothing more."""
        return self._until(claim, probe, lambda _: True)

    def _until(
        self, claim: Claim, probe: Callable[[], Verdict], final: Callable[[Verdict], bool]
    ) -> Statement:
        pause = FIRST_PAUSE
        while True:
            try:
                verdict = probe()
                done = final(verdict)
            except FailedProbe as failed:
                verdict, done = Verdict(False, str(failed)), False
            left = self._deadline - time.monotonic()
            if done or left <= 0 or self._given_up.wait(min(pause, left)):
                return Statement(claim, verdict)
            pause = min(pause * GROWTH, LAST_PAUSE)
