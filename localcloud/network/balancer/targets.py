"""Which targets of a target group are in use, that is, get traffic: pure functions."""

from collections.abc import Callable, Iterable, Mapping

from localcloud.aws.elbv2.snapshots import Forward, LoadBalancer, Target, TargetGroup
from localcloud.aws.elbv2.target_states import Key, State
from localcloud.network.balancer.target_health import key_of

AddressesByGroup = Mapping[str, tuple[str, ...]]  # address:port of the targets in use, by group ARN


def target_group_arns(balancer: LoadBalancer) -> set[str]:
    """The ARNs of the target groups that a load balancer forwards to."""
    return {
        arn
        for listener in balancer.listeners
        for rule in listener.rules
        if isinstance(rule.action, Forward)
        for arn, _ in rule.action.groups
    }


def upstream_names(balancer: LoadBalancer) -> dict[str, str]:
    """nginx's names of the upstreams for a load balancer's target groups, by ARN."""
    return {
        arn: f"group_{number}" for number, arn in enumerate(sorted(target_group_arns(balancer)))
    }


def addresses_by_group(
    groups: Iterable[TargetGroup], state: Callable[[Key], State]
) -> AddressesByGroup:
    """The address:port of the targets in use, by the ARN of their target group."""
    return {group.arn: addresses_in_use(group, state) for group in groups}


def addresses_in_use(
    group: TargetGroup, state: Callable[[Key], State], zone: str | None = None
) -> tuple[str, ...]:
    """The address:port of the targets in use: see `in_use`."""
    found = in_use(group, state, zone)
    return tuple(sorted(f"{target.address}:{target.port}" for target in found))


def in_use(
    group: TargetGroup, state: Callable[[Key], State], zone: str | None = None
) -> list[Target]:
    """The targets of a group, or only those in one zone, that are in use: the healthy ones, or the
    unhealthy ones if none is healthy and the group fails open. Those in state `initial` are not.
    """
    by_state: dict[State, list[Target]] = {"healthy": [], "unhealthy": []}
    for target in group.targets:
        if target.address and (zone is None or target.zone in (None, zone)):
            by_state.setdefault(state(key_of(group, target)), []).append(target)
    return by_state["healthy"] or (by_state["unhealthy"] if group.fails_open else [])
