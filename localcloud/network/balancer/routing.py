"""Decides which targets of a load balancer get traffic: pure functions."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from localcloud.aws.snapshots import Forward, LoadBalancer, Target, TargetGroup
from localcloud.network.balancer.probe_results import Key, State, key
from localcloud.network.balancer.prober import PROTOCOLS, Check

TargetsInUse = Mapping[str, tuple[str, ...]]  # address:port of the targets in use, by group ARN


def groups_of(balancer: LoadBalancer) -> set[str]:
    """The ARNs of the target groups that a load balancer forwards to."""
    return {
        arn
        for listener in balancer.listeners
        for rule in listener.rules
        if isinstance(rule.action, Forward)
        for arn, _ in rule.action.groups
    }


def group_names(balancer: LoadBalancer) -> dict[str, str]:
    """The nginx names of a load balancer's target groups, by ARN, in a stable order."""
    return {arn: f"group_{number}" for number, arn in enumerate(sorted(groups_of(balancer)))}


def targets_in_use(groups: Iterable[TargetGroup], state: Callable[[Key], State]) -> TargetsInUse:
    """The targets in use: the healthy ones, or all unhealthy ones if there are no others and the
    group fails open.

    A target that is still in its first checks is not used.
    """
    return {group.arn: in_use(group, state) for group in groups}


def in_use(
    group: TargetGroup, state: Callable[[Key], State], zone: str | None = None
) -> tuple[str, ...]:
    """The same for one group, or for its targets in one zone."""
    found = used(group, state, zone)
    return tuple(sorted(f"{target.address}:{target.port}" for target in found))


def used(
    group: TargetGroup, state: Callable[[Key], State], zone: str | None = None
) -> list[Target]:
    """The targets of one group, or of its targets in one zone, that are in use."""
    by_state: dict[State, list[Target]] = {"healthy": [], "unhealthy": []}
    for target in group.targets:
        if target.address and (zone is None or target.zone in (None, zone)):
            by_state.setdefault(state(key(group, target)), []).append(target)
    return by_state["healthy"] or (by_state["unhealthy"] if group.fails_open else [])


def checks(group: TargetGroup, netns: Path) -> dict[Key, Check]:
    """The health checks of a group's targets, made from a load balancer's network.

    Raises ValueError for a protocol that is not implemented.
    """
    how = group.health_check
    if how.protocol not in PROTOCOLS:
        raise ValueError(f"{group.arn}: health check protocol {how.protocol} is not implemented")
    return {
        key(group, target): Check(netns, target.address, how.port or target.port, how)
        for target in group.targets
        if target.address
    }
