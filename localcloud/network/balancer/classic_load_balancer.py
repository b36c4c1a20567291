"""A Classic Load Balancer as nginx's `http` and `stream` blocks, by its listeners' protocols.

Unlike the other types it sends nothing to instances that fail their health check:
docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-healthchecks.html.
"""

from collections.abc import Callable
from dataclasses import replace

from localcloud.aws.snapshots import Forward, Listener, LoadBalancer
from localcloud.network.balancer.application_load_balancer import CONNECT_TIMEOUT, upstream
from localcloud.network.balancer.routing import TargetsInUse, group_names

_SERVER = """\
  server {{
    listen {port};
    proxy_protocol {proxied};
    {what};
  }}
"""
_STREAM = """\
stream {{
  proxy_connect_timeout {connect}s;
  proxy_timeout {idle}s;
  proxy_half_close on;
{upstreams}{servers}}}
"""


def blocks(
    balancer: LoadBalancer, targets: TargetsInUse, http: Callable[[LoadBalancer], str]
) -> str:
    """The blocks; `http` makes that of a load balancer with the HTTP listeners alone."""
    by_protocol: dict[str, list[Listener]] = {}
    for listener in balancer.listeners:
        by_protocol.setdefault(listener.protocol, []).append(listener)
    web, tcp = (
        replace(balancer, listeners=tuple(by_protocol.get(each, ()))) for each in ("HTTP", "TCP")
    )
    return (http(web) if web.listeners else "") + _stream(tcp, targets)


def _stream(balancer: LoadBalancer, targets: TargetsInUse) -> str:
    names = group_names(balancer)
    return _STREAM.format(
        connect=CONNECT_TIMEOUT,
        idle=round(balancer.idle_timeout),
        upstreams="".join(upstream(name, targets.get(arn, ())) for arn, name in names.items()),
        servers="".join(_server(each, targets, names) for each in balancer.listeners),
    )


def _server(listener: Listener, targets: TargetsInUse, names: dict[str, str]) -> str:
    """A server, which closes the connection when no instance is in service."""
    action = listener.rules[0].action
    assert isinstance(action, Forward), "the reader makes no other"
    arn = action.groups[0][0]
    return _SERVER.format(
        port=listener.port,
        proxied="on" if listener.proxy_protocol else "off",
        what=f"proxy_pass {names[arn]}" if targets.get(arn) else 'return ""',
    )
