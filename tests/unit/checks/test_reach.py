"""When "not reachable" is proven, and when it only looks so."""

import errno

import pytest

from checks.outcome import FailedProbe, Verdict
from checks.reach import Attempt, Reach, attempt_from_connect, attempt_from_curl, judge_unreached

SILENT = Attempt("10.0.0.1:80", Reach.UNREACHABLE, "timed out")
REFUSED = Attempt("10.0.0.2:80", Reach.UNREACHABLE, "refused")
OPEN = Attempt("10.0.0.3:80", Reach.REACHED, "answered")
ODD = Attempt("10.0.0.4:80", Reach.UNKNOWN, "there is no curl")


@pytest.mark.parametrize(
    ("error", "reach", "how"),
    [
        (None, Reach.REACHED, "answered"),
        (TimeoutError("timed out"), Reach.UNREACHABLE, "timed out"),
        (OSError(errno.ECONNREFUSED, "x"), Reach.UNREACHABLE, "refused"),
        (OSError(errno.ENETUNREACH, "x"), Reach.UNREACHABLE, "no route"),
        (OSError(errno.EMFILE, "Too many open files"), Reach.UNKNOWN, "Too many open files"),
    ],
)
def test_a_connect_says(error: OSError | None, reach: Reach, how: str) -> None:
    assert attempt_from_connect("a:1", error) == Attempt("a:1", reach, how)


@pytest.mark.parametrize(
    ("code", "connected", "reach"),
    [
        (0, True, Reach.REACHED),
        (6, False, Reach.UNREACHABLE),
        (7, False, Reach.UNREACHABLE),
        (28, False, Reach.UNREACHABLE),
        (28, True, Reach.REACHED),  # no page in time
        (52, True, Reach.REACHED),  # an empty reply
        (2, False, Reach.UNKNOWN),
        (127, False, Reach.UNKNOWN),
    ],
)
def test_curl_says(code: int, connected: bool, reach: Reach) -> None:
    assert attempt_from_curl("a:1", code, "", connected).reach is reach


def test_it_is_proven_by_one_control_that_gets_through() -> None:
    verdict = judge_unreached([SILENT, REFUSED], [REFUSED, OPEN])

    assert verdict.ok
    assert verdict.saw == "not reached (refused, timed out; control: 10.0.0.3:80 answered)"


@pytest.mark.parametrize(
    ("attempts", "controls", "saw"),
    [
        ([], [OPEN], "cannot tell: nothing was tried"),
        ([SILENT, ODD], [OPEN], "cannot tell: 10.0.0.4:80 there is no curl"),
        ([SILENT], [], "cannot tell: no control got through (none)"),
        ([SILENT], [REFUSED], "cannot tell: no control got through (10.0.0.2:80 refused)"),
        ([SILENT], [ODD], "cannot tell: no control got through (10.0.0.4:80 there is no curl)"),
    ],
)
def test_it_is_not_proven(attempts: list[Attempt], controls: list[Attempt], saw: str) -> None:
    with pytest.raises(FailedProbe) as failed:
        judge_unreached(attempts, controls)

    assert str(failed.value) == saw


def test_it_is_wrong_when_one_attempt_gets_through() -> None:
    assert judge_unreached([ODD, OPEN], []) == Verdict(False, "10.0.0.3:80 answered")
