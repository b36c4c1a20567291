"""How the results of health checks decide the health of a target: pure functions."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from localcloud.aws.snapshots import HealthCheck, Target, TargetGroup

State = Literal["initial", "healthy", "unhealthy"]
Key = tuple[str, str, int]  # target group ARN, target id, port

TIMEOUT = "Target.Timeout"
FAILED = "Target.FailedHealthChecks"
MISMATCH = "Target.ResponseCodeMismatch"
INITIAL = "Elb.InitialHealthChecking"


@dataclass(frozen=True)
class Health:
    """The state of a target, the API's reason, and how many equal results came in a row.

    `since` is when it came into its state, and `before` into the former one, in seconds since the
    epoch.
    """

    state: State = "initial"
    reason: str = INITIAL
    successes: int = 0
    failures: int = 0
    since: float = 0
    before: float = 0


def after(health: Health, failure: str | None, check: HealthCheck) -> Health:
    """The health after one more check; `failure` is the reason of a failed one, else None.

    The first success makes a new target healthy, but one of a Classic Load Balancer, as AWS
    documents.
    """
    if failure is None:
        successes = health.successes + 1
        first = health.state == "initial"
        enough = check.first_threshold if first else check.healthy_threshold
        if health.state == "healthy" or successes >= enough:
            return Health("healthy", "", successes, 0)
        return Health(health.state, health.reason, successes, 0)
    failures = health.failures + 1
    if health.state == "unhealthy" or failures >= check.unhealthy_threshold:
        return Health("unhealthy", failure, 0, failures)
    return Health(health.state, health.reason, 0, failures)


def timed(now: Health, before: Health, at: float) -> Health:
    """The health with the times of its states, after a change at `at`."""
    if now.state == before.state:
        return replace(now, since=before.since, before=before.before)
    return replace(now, since=at, before=before.since)


def key(group: TargetGroup, target: Target) -> Key:
    """The key of a target's health."""
    return group.arn, target.id, target.port


def matches(matcher: str, status: int) -> bool:
    """Whether a matcher such as "200", "200,202" or "200-399" includes a status.

    Raises ValueError for another form.
    """
    for part in matcher.split(","):
        found = re.fullmatch(r"(\d{3})(?:-(\d{3}))?", part.strip())
        if not found:
            raise ValueError(f"health check matcher {matcher!r} is not implemented")
        if int(found[1]) <= status <= int(found[2] or found[1]):
            return True
    return False
