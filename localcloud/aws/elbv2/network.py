"""What is particular to network load balancers and their target groups.

Pages of docs.aws.amazon.com/elasticloadbalancing/latest/network: edit-target-group-attributes.html,
target-group-health-checks.html, load-balancer-listeners.html.
"""

import re
from collections.abc import Mapping
from typing import Any

from localcloud.aws.errors import AwsError

# The protocols of target groups that a listener of each protocol can forward to.
LISTENERS = {"TCP": {"TCP", "TCP_UDP"}, "UDP": {"UDP", "TCP_UDP"}, "TCP_UDP": {"TCP_UDP"}}
GROUPS = {"TCP", "UDP", "TCP_UDP"}
DATAGRAMS = {"UDP", "TCP_UDP"}
PRESERVE_CLIENT_IP = "preserve_client_ip.enabled"
CROSS_ZONE = "load_balancing.cross_zone.enabled"
TERMINATE_DEREGISTERED = "deregistration_delay.connection_termination.enabled"
TERMINATE_UNHEALTHY = "target_health_state.unhealthy.connection_termination.enabled"
IDLE_TIMEOUT = "tcp.idle_timeout.seconds"
BOOLEANS = {"true", "false"}
# The attributes of a target group with the values that are accepted; None is any.
ATTRIBUTES: dict[str, set[str] | None] = {
    "deregistration_delay.timeout_seconds": None,
    TERMINATE_DEREGISTERED: BOOLEANS,
    "stickiness.enabled": BOOLEANS,
    "stickiness.type": {"source_ip"},
    PRESERVE_CLIENT_IP: BOOLEANS,
    "proxy_protocol_v2.enabled": {"false"},
    CROSS_ZONE: {*BOOLEANS, "use_load_balancer_configuration"},
    TERMINATE_UNHEALTHY: BOOLEANS,
    "target_health_state.unhealthy.draining_interval_seconds": {"0"},
    "target_group_health.dns_failover.minimum_healthy_targets.count": {"1"},
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": {"off"},
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": {"1"},
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": {"off"},
}
HTTP_CHECKS = {"HTTP", "HTTPS"}
MATCHER = "200-399"
STATUSES = range(200, 600)  # that a matcher can have


def attributes(protocol: str, target_type: str) -> dict[str, str]:
    """The attributes of a new target group."""
    fixed = {name: min(values) for name, values in ATTRIBUTES.items() if values and len(values) < 2}
    datagrams = protocol in DATAGRAMS
    return fixed | {
        "deregistration_delay.timeout_seconds": "300",
        TERMINATE_DEREGISTERED: _text(datagrams),
        "stickiness.enabled": "false",
        PRESERVE_CLIENT_IP: _text(datagrams or target_type == "instance"),
        CROSS_ZONE: "use_load_balancer_configuration",
        TERMINATE_UNHEALTHY: _text(not datagrams),
    }


def _text(value: bool) -> str:
    return "true" if value else "false"


def check_attributes(protocol: str, given: Mapping[str, Any]) -> None:
    """Raise AwsError for what a protocol does not allow."""
    for name, value in ((PRESERVE_CLIENT_IP, "false"), (TERMINATE_UNHEALTHY, "true")):
        if protocol in DATAGRAMS and given.get(name) == value:
            raise AwsError(
                "InvalidConfigurationRequest",
                f"{name}={value} is not supported for target groups with the {protocol} protocol",
            )


def check_listener(protocol: str, group_protocol: str) -> None:
    """Raise AwsError unless a listener can forward to a target group."""
    allowed = LISTENERS[protocol]
    if group_protocol not in allowed:
        raise AwsError(
            "IncompatibleProtocols",
            f"A {protocol} listener forwards to target groups of protocol "
            f"{' or '.join(sorted(allowed))}, not {group_protocol}",
        )


def check_listener_attributes(protocol: str, given: Mapping[str, str]) -> None:
    """Raise AwsError for attributes that a listener of a network load balancer does not have."""
    for name, value in given.items():
        if name != IDLE_TIMEOUT or protocol not in ("TCP", "TCP_UDP"):
            message = f"Listener attribute '{name}' is not supported for the {protocol} protocol"
            raise AwsError("InvalidConfigurationRequest", message)
        if not (value.isdigit() and 60 <= int(value) <= 6000):
            message = f"'{name}' value '{value}' must be between '60-6000' inclusive"
            raise AwsError("ValidationError", message)


def check_matcher(check_protocol: str | None, matcher: str | None) -> None:
    """Raise AwsError for a matcher of a TCP check, or with other statuses than 200 to 599."""
    if matcher and check_protocol not in HTTP_CHECKS:
        message = "A matcher is not supported for health checks with the TCP protocol"
        raise AwsError("InvalidConfigurationRequest", message)
    if any(int(status) not in STATUSES for status in re.findall(r"\d+", matcher or "")):
        message = f"Health check matcher HTTP code '{matcher}' must be within '200-599' inclusive"
        raise AwsError("ValidationError", message)


def with_health_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """moto's arguments of CreateTargetGroup, with what they do not say of an HTTP health check."""
    defaults: dict[str, Any] = {}
    if given.get("healthcheck_protocol") in HTTP_CHECKS:
        defaults = {
            "healthcheck_timeout_seconds": 6 if given["healthcheck_protocol"] == "HTTP" else 10,
            "healthcheck_path": "/",
            "matcher": {"HttpCode": MATCHER},
        }
    return {**given, **{key: given.get(key) or value for key, value in defaults.items()}}
