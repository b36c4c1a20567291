"""nginx's `stream` block: TCP and TLS listeners. nginx decrypts TLS, and passes the bytes on."""

from collections.abc import Iterable

from localcloud.aws.elbv2.snapshots import Listener, LoadBalancer
from localcloud.network.balancer.application_load_balancer import CONNECT_TIMEOUT
from localcloud.network.balancer.network_load_balancer import target_group_of
from localcloud.network.balancer.targets import AddressesByGroup, upstream_names

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
    balancer: LoadBalancer, targets: AddressesByGroup, servers: Iterable[str], directives: str = ""
) -> str:
    """The block, with the `server` blocks `servers` and these directives for all of them."""
    return _STREAM.format(
        connect=CONNECT_TIMEOUT,
        idle=round(balancer.idle_timeout),
        directives=directives,
        upstreams="".join(
            _upstream(name, targets.get(arn, ())) for arn, name in upstream_names(balancer).items()
        ),
        servers="".join(servers),
    )


def _upstream(name: str, addresses: tuple[str, ...]) -> str:
    """An `upstream` block, or "" without addresses, since nginx refuses an empty block."""
    lines = "".join(f"    server {address} max_fails=0;\n" for address in addresses)
    return f"  upstream {name} {{\n{lines}  }}\n" if addresses else ""


def server(
    balancer: LoadBalancer,
    listener: Listener,
    targets: AddressesByGroup,
    how: str = "",
    directives: str = "",
) -> str:
    """The `server` block of a listener, which closes connections when there is no target.

    `how` is what follows the port in its `listen` directive.
    """
    arn = target_group_of(listener)
    to = f"proxy_pass {upstream_names(balancer)[arn]}" if targets.get(arn) else 'return ""'
    return _SERVER.format(listen=f"{listener.port}{how}", directives=directives, to=to)
