"""A load balancer's routes, its rules and its targets in use, as a table for nginx's Lua code."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from localcloud.aws.elbv2.snapshots import LoadBalancer, Target, TargetGroup
from localcloud.aws.elbv2.target_states import Key
from localcloud.network.balancer import lua_rules, tls
from localcloud.network.balancer.lua_text import lua
from localcloud.network.balancer.target_health import Health, key_of
from localcloud.network.balancer.targets import in_use, target_group_arns


def text(
    balancer: LoadBalancer, groups: Mapping[str, TargetGroup], health: Callable[[Key], Health]
) -> str:
    """The routes. Raises ValueError for a redirect's unknown placeholder."""
    return lua({
        "listeners": {
            str(listener.port): [lua_rules.data(rule) for rule in listener.rules]
            for listener in balancer.listeners
        },
        "groups": {
            arn: _group(groups[arn], health)
            for arn in sorted(target_group_arns(balancer) & groups.keys())
        },
        "preserve_host": balancer.preserve_host,
        "forwarded_for": balancer.forwarded_for,
        "client_port": balancer.client_port,
    })  # fmt: skip


def _group(group: TargetGroup, health: Callable[[Key], Health]) -> dict[str, Any]:
    healths = {target: health(key_of(group, target)) for target in group.targets}
    targets = in_use(group, lambda one: health(one).state)
    slow = slow_starts((healths[target] for target in targets), group.slow_start)
    return {
        "id": group.arn,
        "scheme": "https" if group.protocol in tls.PROTOCOLS else "http",
        "algorithm": group.algorithm,
        "slow_start": group.slow_start,
        "stickiness": asdict(group.stickiness) if group.stickiness else None,
        "targets": [_target(target, healths[target], slow) for target in targets],
    }


def _target(target: Target, health: Health, slow: set[float]) -> dict[str, Any]:
    return {
        "id": f"{target.address}:{target.port}",
        "address": target.address,
        "port": target.port,
        "since": health.since if health.since in slow else None,
    }


def slow_starts(healths: Iterable[Health], duration: float) -> set[float]:
    """The times at which the targets with slow start became healthy, in seconds since the epoch.

    A target that becomes healthy has slow start if, before it was registered (or became unhealthy),
    another target was healthy whose own slow start, if any, is over by now. So targets that are
    registered together in an empty group have none.
    """
    found: set[float] = set()
    healthy_since: list[float] = []  # of the targets before this one
    for health in sorted(healths, key=lambda one: one.since):
        earlier = [since for since in healthy_since if since < health.previous_since]
        if duration and any(
            since not in found or since + duration <= health.since for since in earlier
        ):
            found.add(health.since)
        healthy_since.append(health.since)
    return found
