"""The TLS listeners of a network load balancer as nginx's `stream` block."""

from pathlib import Path

from localcloud.aws.elbv2.snapshots import Listener, LoadBalancer
from localcloud.network.balancer import network_access_log, stream, tls
from localcloud.network.balancer.network_load_balancer import PROTOCOLS, target_group_of
from localcloud.network.balancer.targets import AddressesByGroup
from localcloud.network.balancer.tls import TlsSettings


def block(
    balancer: LoadBalancer, targets: AddressesByGroup, prefix: Path, settings: TlsSettings
) -> str:
    """The block; nginx writes its access log to the folder `prefix`.

    Raises ValueError with the name of what is not implemented.
    """
    logged = balancer.access_logs is not None
    servers = []
    for listener in proxied(balancer):
        directives = tls.directives(listener) + _to_targets(listener, settings)
        directives += network_access_log.directive(prefix, listener) if logged else ""
        servers.append(stream.server(balancer, listener, targets, " ssl", directives))
    directives = f"  proxy_next_upstream off;\n  {tls.TO_TARGETS}\n"
    directives += tls.variables(proxied(balancer), settings)
    directives += network_access_log.formats(proxied(balancer))
    return stream.block(balancer, targets, servers, directives)


def proxied(balancer: LoadBalancer) -> list[Listener]:
    """The listeners that nginx serves. `block` refuses those whose protocol is not TLS."""
    return [each for each in balancer.listeners if each.protocol not in PROTOCOLS]


def _to_targets(listener: Listener, settings: TlsSettings) -> str:
    if listener.protocol != "TLS":
        raise ValueError(
            f"{listener.arn}: listener protocol {listener.protocol} is not implemented"
        )
    arn = target_group_of(listener)
    tls_on = "    proxy_ssl on;\n" if arn in settings.tls_groups else ""
    preserved = (
        "    proxy_bind $remote_addr transparent;\n" if arn in settings.client_ip_groups else ""
    )
    return tls_on + preserved
