"""A network load balancer as nginx's `stream` block."""

from localcloud.aws.snapshots import Forward, Listener, LoadBalancer
from localcloud.network.balancer import tls
from localcloud.network.balancer.application_load_balancer import CONNECT_TIMEOUT, upstream
from localcloud.network.balancer.routing import Servers, group_names
from localcloud.network.balancer.tls import Secrets

_SERVER = """\
  server {{
    listen {port}{how};
{secure}    {what};
  }}
"""
_STREAM = """\
stream {{
  proxy_connect_timeout {connect}s;
  proxy_timeout {idle}s;
  proxy_next_upstream off;
  proxy_half_close on;
  {to_targets}
{certificates}{upstreams}{servers}}}
"""


def stream(balancer: LoadBalancer, servers: Servers, secrets: Secrets | None = None) -> str:
    """The block. Raises ValueError with the name of what is not implemented."""
    names, secrets = group_names(balancer), secrets or Secrets()
    return _STREAM.format(
        connect=CONNECT_TIMEOUT,
        idle=round(balancer.idle_timeout),
        upstreams="".join(upstream(name, servers.get(arn, ())) for arn, name in names.items()),
        to_targets=tls.TO_TARGETS,
        certificates=tls.variables(balancer.listeners, secrets),
        servers="".join(
            _SERVER.format(
                port=listener.port,
                how=" ssl" if tls.is_secure(listener) else "",
                secure=tls.directives(listener),
                what=_what(listener, servers, names, secrets),
            )
            for listener in balancer.listeners
        ),
    )


def _what(listener: Listener, servers: Servers, names: dict[str, str], secrets: Secrets) -> str:
    """The directive of a listener: forward, or close the connection when there is no target."""
    if listener.protocol not in ("TCP", "TLS"):
        raise ValueError(
            f"{listener.arn}: listener protocol {listener.protocol} is not implemented"
        )
    actions = [rule.action for rule in listener.rules]
    if len(actions) != 1 or not isinstance(actions[0], Forward) or len(actions[0].groups) != 1:
        raise ValueError(
            f"{listener.arn}: a {listener.protocol} listener forwards to one target group"
        )
    arn = actions[0].groups[0][0]
    if not servers.get(arn):
        return 'return ""'
    return f"proxy_pass {names[arn]}" + ("; proxy_ssl on" if arn in secrets.groups else "")
