"""The listeners of a network load balancer that need a proxy, as nginx's `stream` block."""

from localcloud.aws.snapshots import Listener, LoadBalancer
from localcloud.network.balancer import forwarding
from localcloud.network.balancer.application_load_balancer import CONNECT_TIMEOUT, upstream
from localcloud.network.balancer.routing import Servers, group_names

_SERVER = """\
  server {{
    listen {port};
    {what};
  }}
"""
_STREAM = """\
stream {{
  proxy_connect_timeout {connect}s;
  proxy_timeout {idle}s;
  proxy_next_upstream off;
  proxy_half_close on;
{upstreams}{servers}}}
"""


def stream(balancer: LoadBalancer, servers: Servers) -> str:
    """The block. Raises ValueError with the name of what is not implemented."""
    names = group_names(balancer)
    return _STREAM.format(
        connect=CONNECT_TIMEOUT,
        idle=round(balancer.idle_timeout),
        upstreams="".join(upstream(name, servers.get(arn, ())) for arn, name in names.items()),
        servers="".join(
            _SERVER.format(port=listener.port, what=_what(listener, servers, names))
            for listener in proxied(balancer)
        ),
    )


def proxied(balancer: LoadBalancer) -> list[Listener]:
    """The listeners that are not forwarded packet by packet."""
    return [each for each in balancer.listeners if each.protocol not in forwarding.PROTOCOLS]


def _what(listener: Listener, servers: Servers, names: dict[str, str]) -> str:
    """The directive of a listener: forward, or close the connection when there is no target."""
    if listener.protocol != "TCP":
        raise ValueError(
            f"{listener.arn}: listener protocol {listener.protocol} is not implemented"
        )
    arn = forwarding.group_of(listener)
    return f"proxy_pass {names[arn]}" if servers.get(arn) else 'return ""'
