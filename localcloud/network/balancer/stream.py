"""nginx's `stream` block: listeners that forward connections, and do not read what is in them."""

from collections.abc import Iterable

from localcloud.aws.snapshots import Listener, LoadBalancer
from localcloud.network.balancer.application_load_balancer import CONNECT_TIMEOUT
from localcloud.network.balancer.forwarding import group_of
from localcloud.network.balancer.routing import TargetsInUse, group_names

_SERVER = """\
  server {{
    listen {listen};
{directives}    {to};
  }}
"""
_STREAM = """\
stream {{
  proxy_connect_timeout {connect}s;
  proxy_timeout {idle}s;
  proxy_half_close on;
{directives}{upstreams}{servers}}}
"""


def block(
    balancer: LoadBalancer, targets: TargetsInUse, made: Iterable[str], directives: str = ""
) -> str:
    """The block, with the `server` blocks `made` and these directives for all of them."""
    return _STREAM.format(
        connect=CONNECT_TIMEOUT,
        idle=round(balancer.idle_timeout),
        directives=directives,
        upstreams="".join(
            _upstream(name, targets.get(arn, ())) for arn, name in group_names(balancer).items()
        ),
        servers="".join(made),
    )


def _upstream(name: str, addresses: tuple[str, ...]) -> str:
    """An `upstream` block, or "" without addresses, since nginx refuses an empty block."""
    lines = "".join(f"    server {address} max_fails=0;\n" for address in addresses)
    return f"  upstream {name} {{\n{lines}  }}\n" if addresses else ""


def server(
    balancer: LoadBalancer,
    listener: Listener,
    targets: TargetsInUse,
    how: str = "",
    directives: str = "",
) -> str:
    """The `server` block of a listener, which closes connections when there is no target.

    `how` is what follows the port in its `listen` directive.
    """
    arn = group_of(listener)
    to = f"proxy_pass {group_names(balancer)[arn]}" if targets.get(arn) else 'return ""'
    return _SERVER.format(listen=f"{listener.port}{how}", directives=directives, to=to)
