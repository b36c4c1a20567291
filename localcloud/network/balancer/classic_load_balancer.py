"""A Classic Load Balancer as nginx's `http` and `stream` blocks, by its listeners' protocols.

Unlike the other types it sends nothing to instances that fail their health check (the `fails_open`
of its target groups is False):
docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-healthchecks.html.
"""

from collections.abc import Callable
from dataclasses import replace

from localcloud.aws.elbv2.snapshots import Listener, LoadBalancer
from localcloud.network.balancer import stream
from localcloud.network.balancer.targets import AddressesByGroup


def blocks(
    balancer: LoadBalancer, targets: AddressesByGroup, http: Callable[[LoadBalancer], str]
) -> str:
    """The blocks; `http` makes the `http` block of a load balancer with HTTP listeners alone."""
    by_protocol: dict[str, list[Listener]] = {}
    for listener in balancer.listeners:
        by_protocol.setdefault(listener.protocol, []).append(listener)
    web, tcp = (
        replace(balancer, listeners=tuple(by_protocol.get(each, ()))) for each in ("HTTP", "TCP")
    )
    servers = (stream.server(tcp, one, targets, directives=_proxied(one)) for one in tcp.listeners)
    return (http(web) if web.listeners else "") + stream.block(tcp, targets, servers)


def _proxied(listener: Listener) -> str:
    return f"    proxy_protocol {'on' if listener.proxy_protocol else 'off'};\n"
