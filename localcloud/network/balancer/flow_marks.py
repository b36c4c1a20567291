"""The conntrack marks of a network load balancer's flows, by which they are ended."""

import zlib
from collections.abc import Callable, Mapping

from localcloud.aws.elbv2.snapshots import LoadBalancer, TargetGroup
from localcloud.aws.elbv2.target_states import Key, State
from localcloud.network.balancer.target_health import key_of
from localcloud.network.balancer.targets import addresses_in_use, target_group_arns


def mark(host: str, target: str = "") -> int:
    """The mark of the flows of the load balancer in namespace `host` to `target` (address:port).

    Without a target it is the mark of connections that nginx opens with a client's source address.
    """
    return zlib.crc32(f"{host} {target}".encode()) or 1


def unhealthy(
    balancer: LoadBalancer, groups: Mapping[str, TargetGroup], state: Callable[[Key], State]
) -> frozenset[int]:
    """The marks of flows to unhealthy targets, of the target groups that end such flows.

    Where all targets are unhealthy they are in use (fail open), and their flows go on.
    """
    return frozenset(
        mark(balancer.host, address)
        for group in (groups[arn] for arn in target_group_arns(balancer) & groups.keys())
        if group.terminate_unhealthy
        for target in group.targets
        if state(key_of(group, target)) == "unhealthy"
        and (address := f"{target.address}:{target.port}") not in addresses_in_use(group, state)
    )
