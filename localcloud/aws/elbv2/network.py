"""What is particular to network load balancers and their target groups.

docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html and
.../load-balancer-listeners.html
"""

import re
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
STATUSES = range(200, 600)  # that a matcher can have


def check_listener(protocol: str, group_protocol: str) -> None:
    """Raise AwsError unless a network load balancer's listener can forward to a target group."""
    allowed = LISTENERS.get(protocol, {group_protocol})
    if group_protocol not in allowed:
        raise AwsError(
            "IncompatibleProtocols",
            f"A {protocol} listener forwards to target groups of protocol "
            f"{' or '.join(sorted(allowed))}, not {group_protocol}",
        )


def check_matcher(check_protocol: str | None, matcher: str | None) -> None:
    """Raise AwsError for a matcher of a TCP check, or with other statuses than 200 to 599."""
    if matcher and check_protocol not in HTTP_CHECKS:
        message = "A matcher is not supported for health checks with the TCP protocol"
        raise AwsError("InvalidConfigurationRequest", message)
    if any(int(status) not in STATUSES for status in re.findall(r"\d+", matcher or "")):
        message = f"Health check matcher HTTP code '{matcher}' must be within '200-599' inclusive"
        raise AwsError("ValidationError", message)


def with_health_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """moto's arguments of CreateTargetGroup, with what they do not say of an HTTP health check.

    Raises AwsError for a matcher that is not valid.
    """
    protocol = given.get("healthcheck_protocol")
    check_matcher(protocol, (given.get("matcher") or {}).get("HttpCode"))
    defaults: dict[str, Any] = {}
    if protocol in HTTP_CHECKS:
        defaults = {
            "healthcheck_timeout_seconds": 6 if protocol == "HTTP" else 10,
            "healthcheck_path": "/",
            "matcher": {"HttpCode": MATCHER},
        }
    return {**given, **{key: given.get(key) or value for key, value in defaults.items()}}
