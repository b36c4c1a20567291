"""The listeners of a network load balancer that need a proxy, as nginx's `stream` block."""

from pathlib import Path

from localcloud.aws.snapshots import Listener, LoadBalancer
from localcloud.network.balancer import forwarding, network_access_log, tls
from localcloud.network.balancer.application_load_balancer import CONNECT_TIMEOUT, upstream
from localcloud.network.balancer.routing import TargetsInUse, group_names
from localcloud.network.balancer.tls import Secrets

_SERVER = """\
  server {{
    listen {port} ssl;
{secure}{log}    {what};
  }}
"""
_STREAM = """\
stream {{
  proxy_connect_timeout {connect}s;
  proxy_timeout {idle}s;
  proxy_next_upstream off;
  proxy_half_close on;
  {to_targets}
{certificates}{formats}{upstreams}{servers}}}
"""


def stream(
    balancer: LoadBalancer, targets: TargetsInUse, prefix: Path, secrets: Secrets | None = None
) -> str:
    """The block; its access log is in the folder `prefix`.

    Raises ValueError with the name of what is not implemented.
    """
    names, secrets = group_names(balancer), secrets or Secrets()
    logged = balancer.access_logs is not None
    return _STREAM.format(
        connect=CONNECT_TIMEOUT,
        idle=round(balancer.idle_timeout),
        upstreams="".join(upstream(name, targets.get(arn, ())) for arn, name in names.items()),
        to_targets=tls.TO_TARGETS,
        certificates=tls.variables(proxied(balancer), secrets),
        formats=network_access_log.formats(proxied(balancer)),
        servers="".join(
            _SERVER.format(
                port=listener.port,
                secure=tls.directives(listener),
                log=network_access_log.directive(prefix, listener) if logged else "",
                what=_what(listener, targets, names, secrets),
            )
            for listener in proxied(balancer)
        ),
    )


def proxied(balancer: LoadBalancer) -> list[Listener]:
    """The listeners that are not forwarded packet by packet: those with TLS."""
    return [each for each in balancer.listeners if each.protocol not in forwarding.PROTOCOLS]


def _what(
    listener: Listener, targets: TargetsInUse, names: dict[str, str], secrets: Secrets
) -> str:
    """The directive of a listener: forward, or close the connection when there is no target."""
    if listener.protocol != "TLS":
        raise ValueError(
            f"{listener.arn}: listener protocol {listener.protocol} is not implemented"
        )
    arn = forwarding.group_of(listener)
    if not targets.get(arn):
        return 'return ""'
    what = f"proxy_pass {names[arn]}" + ("; proxy_ssl on" if arn in secrets.groups else "")
    return what + ("; proxy_bind $remote_addr transparent" if arn in secrets.preserving else "")
