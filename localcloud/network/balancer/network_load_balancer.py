"""The listeners of a network load balancer that need a proxy, as nginx's `stream` block."""

from pathlib import Path

from localcloud.aws.snapshots import Listener, LoadBalancer
from localcloud.network.balancer import forwarding, network_access_log, stream, tls
from localcloud.network.balancer.routing import TargetsInUse
from localcloud.network.balancer.tls import Secrets


def block(
    balancer: LoadBalancer, targets: TargetsInUse, prefix: Path, secrets: Secrets | None = None
) -> str:
    """The block; its access log is in the folder `prefix`.

    Raises ValueError with the name of what is not implemented.
    """
    secrets, logged = secrets or Secrets(), balancer.access_logs is not None
    made = []
    for listener in proxied(balancer):
        directives = tls.directives(listener) + _to_targets(listener, secrets)
        directives += network_access_log.directive(prefix, listener) if logged else ""
        made.append(stream.server(balancer, listener, targets, " ssl", directives))
    directives = f"  proxy_next_upstream off;\n  {tls.TO_TARGETS}\n"
    directives += tls.variables(proxied(balancer), secrets)
    directives += network_access_log.formats(proxied(balancer))
    return stream.block(balancer, targets, made, directives)


def proxied(balancer: LoadBalancer) -> list[Listener]:
    """The listeners that are not forwarded packet by packet: those with TLS."""
    return [each for each in balancer.listeners if each.protocol not in forwarding.PROTOCOLS]


def _to_targets(listener: Listener, secrets: Secrets) -> str:
    if listener.protocol != "TLS":
        raise ValueError(
            f"{listener.arn}: listener protocol {listener.protocol} is not implemented"
        )
    arn = forwarding.group_of(listener)
    tls_on = "    proxy_ssl on;\n" if arn in secrets.groups else ""
    preserved = "    proxy_bind $remote_addr transparent;\n" if arn in secrets.preserving else ""
    return tls_on + preserved
