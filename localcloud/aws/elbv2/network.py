"""What is particular to network load balancers and their target groups.

docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html and
.../load-balancer-listeners.html
"""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.errors import AwsError

# The protocols of target groups that a listener of each protocol can forward to.
LISTENERS = {
    "TCP": {"TCP", "TCP_UDP"},
    "TLS": {"TCP", "TLS"},
    "UDP": {"UDP", "TCP_UDP"},
    "TCP_UDP": {"TCP_UDP"},
}
GROUP_PROTOCOLS = set(LISTENERS)
HTTP_CHECKS = {"HTTP", "HTTPS"}
MATCHER = "200-399"


def check_listener(protocol: str, group_protocol: str) -> None:
    """Raise AwsError unless a network load balancer's listener can forward to a target group."""
    allowed = LISTENERS.get(protocol, {group_protocol})
    if group_protocol not in allowed:
        raise AwsError(
            "IncompatibleProtocols",
            f"A {protocol} listener forwards to target groups of protocol "
            f"{' or '.join(sorted(allowed))}, not {group_protocol}",
        )


def with_health_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """moto's arguments of CreateTargetGroup, with the defaults of an HTTP health check."""
    protocol = given.get("healthcheck_protocol")
    defaults: dict[str, Any] = {}
    if protocol in HTTP_CHECKS:
        defaults = {
            "healthcheck_timeout_seconds": 6 if protocol == "HTTP" else 10,
            "healthcheck_path": "/",
            "matcher": {"HttpCode": MATCHER},
        }
    return {**given, **{key: given.get(key) or value for key, value in defaults.items()}}
