"""What nginx's Lua code reads: the rules and the targets of a load balancer, as Lua text."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from localcloud.aws.snapshots import LoadBalancer, Target, TargetGroup
from localcloud.network.balancer import rules, tls
from localcloud.network.balancer.lua_text import lua
from localcloud.network.balancer.probe_results import Health, Key, key
from localcloud.network.balancer.routing import groups_of, used


def text(
    balancer: LoadBalancer,
    groups: Mapping[str, TargetGroup],
    health: Callable[[Key], Health],
) -> str:
    """The routes as a Lua table. Raises ValueError for a redirect's unknown placeholder."""
    return lua({
        "listeners": {
            str(listener.port): [rules.data(rule) for rule in listener.rules]
            for listener in balancer.listeners
        },
        "groups": {
            arn: _group(groups[arn], health) for arn in sorted(groups_of(balancer)) if arn in groups
        },
        "preserve_host": balancer.preserve_host,
        "forwarded_for": balancer.forwarded_for,
        "client_port": balancer.client_port,
    })  # fmt: skip


def _group(group: TargetGroup, health: Callable[[Key], Health]) -> dict[str, Any]:
    healths = {target: health(key(group, target)) for target in group.targets}
    targets = used(group, lambda one: health(one).state)
    ramps = slow_starts((healths[target] for target in targets), group.slow_start)
    return {
        "id": group.arn,
        "scheme": "https" if group.protocol in tls.PROTOCOLS else "http",
        "algorithm": group.algorithm,
        "slow_start": group.slow_start,
        "stickiness": asdict(group.stickiness) if group.stickiness else None,
        "targets": [_target(target, healths[target], ramps) for target in targets],
    }


def _target(target: Target, health: Health, ramps: set[float]) -> dict[str, Any]:
    return {
        "id": f"{target.address}:{target.port}",
        "address": target.address,
        "port": target.port,
        "since": health.since if health.since in ramps else None,
    }


def slow_starts(healths: Iterable[Health], duration: float) -> set[float]:
    """When those targets became healthy that began slowly, in seconds since the epoch.

    A target does if, when it was registered or became unhealthy, another was healthy whose own
    slow start was over when this one became healthy: so targets that are registered together in an
    empty group do not.
    """
    found: set[float] = set()
    full: list[float] = []  # since when the others were healthy, with what they had to wait
    for health in sorted(healths, key=lambda one: one.since):
        waited = [since for since in full if since < health.before]
        if duration and any(
            since not in found or since + duration <= health.since for since in waited
        ):
            found.add(health.since)
        full.append(health.since)
    return found
