"""The zones of a network load balancer whose addresses DNS returns.

docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html and
.../network/target-group-health.html
"""

from collections.abc import Iterable

from localcloud.aws.elbv2.snapshots import LoadBalancer, Target, TargetGroup, Zone
from localcloud.aws.elbv2.target_states import TARGET_STATES


def serving_zones(balancer: LoadBalancer, groups: Iterable[TargetGroup]) -> list[Zone]:
    """The zones whose packets reach a healthy target of each target group; all if there are none.

    groups: those that the load balancer forwards to.
    """
    healthy = [_healthy_zones(balancer, group) for group in groups]
    serving = [zone for zone in balancer.zones if all(zone.name in names for names in healthy)]
    return serving or list(balancer.zones)


def _healthy_zones(balancer: LoadBalancer, group: TargetGroup) -> set[str | None]:
    zones = {target.zone for target in group.targets if _is_healthy(group, target)}
    across = balancer.cross_zone if group.cross_zone is None else group.cross_zone
    everywhere = zones and (across or None in zones)  # None: outside the VPC, for all zones
    return {zone.name for zone in balancer.zones} if everywhere else zones


def _is_healthy(group: TargetGroup, target: Target) -> bool:
    state = TARGET_STATES.of((group.arn, target.id, target.port))
    return state is not None and state[0] == "healthy"
