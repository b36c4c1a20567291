"""Which flows of a network load balancer go on when targets change: pure functions."""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from localcloud.aws.snapshots import TargetGroup
from localcloud.network.balancer.probe_results import Key, State, key
from localcloud.network.balancer.routing import in_use


@dataclass(frozen=True)
class Flows:
    """Marks of targets: of all that are registered or draining, of those whose flows end when they
    are neither, and of those whose flows have ended because they are unhealthy."""

    members: frozenset[int] = frozenset()
    ending: frozenset[int] = frozenset()
    ended: frozenset[int] = frozenset()


def mark(group: str, target: str) -> int:
    """The mark of the flows to a target, by the ARN of its group and its address:port."""
    return zlib.crc32(f"{group} {target}".encode()) or 1


def of(groups: Iterable[TargetGroup], state: Callable[[Key], State]) -> Flows:
    """Those of the target groups that a load balancer forwards to."""
    members, ending, ended = set(), set(), set()
    for group in groups:
        used = in_use(group, state)
        marks = {f"{t.address}:{t.port}": key(group, t) for t in (*group.targets, *group.draining)}
        of_group = {mark(group.arn, target) for target in marks}
        members |= of_group
        ending |= of_group if group.terminate_deregistered else set()
        if group.terminate_unhealthy:
            ended |= {mark(group.arn, target) for target, one in marks.items()
                      if state(one) == "unhealthy" and target not in used}  # fmt: skip
    return Flows(frozenset(members), frozenset(ending), frozenset(ended))


def to_end(before: Flows, now: Flows) -> set[int]:
    """The marks of the flows to end after a change."""
    return {*(now.ended - before.ended), *(before.ending - now.members)}
