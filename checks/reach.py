"""Connection attempts, and when a target counts as not reached."""

import enum
import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checks.outcome import FailedProbe, Verdict


class Reach(enum.Enum):
    """UNKNOWN is a probe that failed in a way that says nothing about the network."""

    REACHED = "reached"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Attempt:
    """One connection attempt: its target (HOST:PORT or URL), its result, and `how` in words."""

    target: str
    reach: Reach
    how: str


UNREACHABLE_ERRNOS = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timed out",
    errno.EHOSTUNREACH: "no route",
    errno.ENETUNREACH: "no route",
}

# curl(1), EXIT CODES, of attempts without a connection: no such name, none made, or not in time.
UNREACHABLE_CURL_CODES = {6: "no such name", 7: "no connection", 28: "timed out"}
NO_SUCH_COMMAND = 127


def attempt_from_connect(target: str, error: OSError | None) -> Attempt:
    """The attempt that ended with an error of connect(), or with None: success."""
    if error is None:
        return Attempt(target, Reach.REACHED, "answered")
    if isinstance(error, TimeoutError):
        return Attempt(target, Reach.UNREACHABLE, "timed out")
    if error.errno in UNREACHABLE_ERRNOS:
        return Attempt(target, Reach.UNREACHABLE, UNREACHABLE_ERRNOS[error.errno])
    return Attempt(target, Reach.UNKNOWN, error.strerror or str(error))


def attempt_from_curl(target: str, exit_code: int, message: str, connected: bool) -> Attempt:
    """The attempt that ended with an exit code of curl, and its message; `connected` is whether it
    had a connection."""
    if exit_code == 0:
        return Attempt(target, Reach.REACHED, "answered")
    if connected:
        return Attempt(target, Reach.REACHED, f"connected, then {message or f'curl {exit_code}'}")
    if exit_code in UNREACHABLE_CURL_CODES:
        return Attempt(target, Reach.UNREACHABLE, UNREACHABLE_CURL_CODES[exit_code])
    if exit_code == NO_SUCH_COMMAND:
        return Attempt(target, Reach.UNKNOWN, "there is no curl")
    return Attempt(target, Reach.UNKNOWN, message or f"curl ended with {exit_code}")


def judge_unreached(attempts: Sequence[Attempt], controls: Iterable[Attempt]) -> Verdict:
    """Whether no attempt reached its target, while a control shows that the network works.

    Every attempt must be UNREACHABLE. At least one control, an attempt from the same host to what
    must be reachable, must be REACHED. FailedProbe if attempts or controls do not show that: a
    later try may.
    """
    if not attempts:
        raise FailedProbe("cannot tell: nothing was tried")
    reached, unknown = (
        ", ".join(f"{each.target} {each.how}" for each in attempts if each.reach is reach)
        for reach in (Reach.REACHED, Reach.UNKNOWN)
    )
    if reached:
        return Verdict(False, reached)
    if unknown:
        raise FailedProbe(f"cannot tell: {unknown}")
    controls = list(controls)
    proof = next((each for each in controls if each.reach is Reach.REACHED), None)
    if proof is None:
        tried = ", ".join(f"{each.target} {each.how}" for each in controls) or "none"
        raise FailedProbe(f"cannot tell: no control got through ({tried})")
    hows = ", ".join(sorted({each.how for each in attempts}))
    return Verdict(True, f"not reached ({hows}; control: {proof.target} {proof.how})")
