"""The health of a target, as the results of its health checks decide it: pure functions."""

import re
from dataclasses import dataclass, replace

from localcloud.aws.elbv2.snapshots import HealthCheck, Target, TargetGroup
from localcloud.aws.elbv2.target_states import Key, State

TIMEOUT = "Target.Timeout"
FAILED = "Target.FailedHealthChecks"
MISMATCH = "Target.ResponseCodeMismatch"
INITIAL = "Elb.InitialHealthChecking"


@dataclass(frozen=True)
class Health:
    """The state of a target, the ELB API's reason for it, and how many results in a row were equal.

    `since` is when its state began, and `previous_since` when the state before that began, in
    seconds since the epoch.
    """

    state: State = "initial"
    reason: str = INITIAL
    successes: int = 0
    failures: int = 0
    since: float = 0
    previous_since: float = 0


def after_check(health: Health, failure: str | None, settings: HealthCheck) -> Health:
    """The health after one more check; `failure` is the ELB API's reason, or None for a success.

    A new target needs only `first_threshold` successes in a row: one, except behind a Classic Load
    Balancer.
    """
    if failure is None:
        successes = health.successes + 1
        first = health.state == "initial"
        enough = settings.first_threshold if first else settings.healthy_threshold
        if health.state == "healthy" or successes >= enough:
            return Health("healthy", "", successes, 0)
        return Health(health.state, health.reason, successes, 0)
    failures = health.failures + 1
    if health.state == "unhealthy" or failures >= settings.unhealthy_threshold:
        return Health("unhealthy", failure, 0, failures)
    return Health(health.state, health.reason, 0, failures)


def with_times(new: Health, old: Health, at: float) -> Health:
    """`new` with the times of its states: if its state is not that of `old`, it began at `at`."""
    if new.state == old.state:
        return replace(new, since=old.since, previous_since=old.previous_since)
    return replace(new, since=at, previous_since=old.since)


def key_of(group: TargetGroup, target: Target) -> Key:
    """The key by which a target's health is kept."""
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
