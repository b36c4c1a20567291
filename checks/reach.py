"""Who reaches whom: connection attempts, and when one counts as "not reachable"."""

import enum
import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checks.statement import FailedProbe, Verdict


class Reach(enum.Enum):
    """UNKNOWN is a probe that failed in a way that says nothing about the network."""

    REACHED = "reached"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Attempt:
    """One connection attempt: to whom (address or URL), its end, and how that looked."""

    target: str
    reach: Reach
    how: str


NO_WAY = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timed out",
    errno.EHOSTUNREACH: "no route",
    errno.ENETUNREACH: "no route",
}

# curl(1), EXIT CODES: name not resolved, failed to connect, timed out.
CURL_NO_WAY = {6: "no such name", 7: "no connection", 28: "timed out"}
NO_SUCH_COMMAND = 127


def of_connect(target: str, error: OSError | None) -> Attempt:
    """What a connect() says: None is success; TimeoutError is silence, as a firewall gives."""
    if error is None:
        return Attempt(target, Reach.REACHED, "answered")
    if isinstance(error, TimeoutError):
        return Attempt(target, Reach.UNREACHABLE, "timed out")
    if error.errno in NO_WAY:
        return Attempt(target, Reach.UNREACHABLE, NO_WAY[error.errno])
    return Attempt(target, Reach.UNKNOWN, error.strerror or str(error))


def of_curl(target: str, exit_code: int, message: str) -> Attempt:
    """What an exit code of curl says; one that is not about reaching says nothing."""
    if exit_code == 0:
        return Attempt(target, Reach.REACHED, "answered")
    if exit_code in CURL_NO_WAY:
        return Attempt(target, Reach.UNREACHABLE, CURL_NO_WAY[exit_code])
    if exit_code == NO_SUCH_COMMAND:
        return Attempt(target, Reach.UNKNOWN, "there is no curl")
    return Attempt(target, Reach.UNKNOWN, message or f"curl ended with {exit_code}")


def none_reached(attempts: Sequence[Attempt], controls: Iterable[Attempt]) -> Verdict:
    """Whether it is proven that no attempt gets through.

    Every attempt must have ended as an unreachable host ends, and at least one control, made from
    the same place to something that is known to be reachable, must have got through. FailedProbe
    if that cannot be told: a later try may do better.
    """
    if not attempts:
        raise FailedProbe("cannot tell: nothing was tried")
    hits, strange = (
        ", ".join(f"{each.target} {each.how}" for each in attempts if each.reach is reach)
        for reach in (Reach.REACHED, Reach.UNKNOWN)
    )
    if hits:
        return Verdict(False, hits)
    if strange:
        raise FailedProbe(f"cannot tell: {strange}")
    controls = list(controls)
    proof = next((each for each in controls if each.reach is Reach.REACHED), None)
    if proof is None:
        tried = ", ".join(f"{each.target} {each.how}" for each in controls) or "none"
        raise FailedProbe(f"cannot tell: no control got through ({tried})")
    hows = ", ".join(sorted({each.how for each in attempts}))
    return Verdict(True, f"not reached ({hows}; control: {proof.target} {proof.how})")
