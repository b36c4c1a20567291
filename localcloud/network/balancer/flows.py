"""The marks of a network load balancer's flows, by which they are ended: pure functions."""

import zlib
from collections.abc import Callable, Mapping

from localcloud.aws.snapshots import LoadBalancer, TargetGroup
from localcloud.network.balancer.probe_results import Key, State, key
from localcloud.network.balancer.routing import groups_of, in_use


def mark(host: str, target: str = "") -> int:
    """The mark of the flows to a target, by the load balancer's host and the address:port.

    Without a target it is that of nginx's connections under clients' addresses.
    """
    return zlib.crc32(f"{host} {target}".encode()) or 1


def unhealthy(
    balancer: LoadBalancer, groups: Mapping[str, TargetGroup], state: Callable[[Key], State]
) -> frozenset[int]:
    """The marks of the flows to targets that are unhealthy, where such flows are to end.

    Where all targets are unhealthy they are in use, and so their flows go on.
    """
    return frozenset(
        mark(balancer.host, address)
        for group in (groups[arn] for arn in groups_of(balancer) & groups.keys())
        if group.terminate_unhealthy
        for target in group.targets
        if state(key(group, target)) == "unhealthy"
        and (address := f"{target.address}:{target.port}") not in in_use(group, state)
    )
