"""What the cloud's load balancers implement; anything else is refused by name."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws import errors
from localcloud.aws.errors import AwsError

LISTENER_PROTOCOLS = {"application": {"HTTP"}, "network": {"TCP"}}
GROUP_PROTOCOLS = {"HTTP", "TCP"}
TARGET_TYPES = {"instance", "ip"}

# Attributes with the values that are accepted; any other attribute is refused.
ANY = None
GROUP_ATTRIBUTES: dict[str, set[str] | None] = {
    "deregistration_delay.timeout_seconds": ANY,
    "stickiness.enabled": {"false"},
    "stickiness.type": ANY,  # of no effect while stickiness is off
    "load_balancing.algorithm.type": {"round_robin"},
    "load_balancing.cross_zone.enabled": {"use_load_balancer_configuration", "true"},
    "slow_start.duration_seconds": {"0"},
    "proxy_protocol_v2.enabled": {"false"},
    "deregistration_delay.connection_termination.enabled": {"false"},
}
BALANCER_ATTRIBUTES: dict[str, set[str] | None] = {
    "idle_timeout.timeout_seconds": ANY,
    "deletion_protection.enabled": ANY,
    "load_balancing.cross_zone.enabled": ANY,
    "access_logs.s3.enabled": {"false"},
    "connection_logs.s3.enabled": {"false"},
    "access_logs.s3.bucket": {""},
    "access_logs.s3.prefix": {""},
    "routing.http2.enabled": ANY,  # of no effect without TLS
    "routing.http.drop_invalid_header_fields.enabled": ANY,
    "routing.http.preserve_host_header.enabled": {"false"},
    "routing.http.xff_header_processing.mode": {"append"},
    "routing.http.xff_client_port.enabled": {"false"},
    "waf.fail_open.enabled": ANY,  # of no effect without WAF
}


def not_offered(what: str) -> AwsError:
    """The error for something that the balancers do not implement."""
    return errors.not_offered(what, "InvalidConfigurationRequest")


def check_attributes(
    given: Mapping[str, Any], supported: Mapping[str, set[str] | None], of: str
) -> None:
    """Raise for an attribute, or a value of one, that the balancers do not implement."""
    for name, value in given.items():
        if name not in supported:
            raise not_offered(f"the {of} attribute {name}")
        accepted = supported[name]
        if accepted is not ANY and str(value) not in accepted:
            raise not_offered(f"{name}={value} of a {of}")


def check_protocol(balancer_type: str, protocol: str | None) -> None:
    """Raise for a listener protocol that the balancers do not implement."""
    if protocol not in LISTENER_PROTOCOLS.get(balancer_type, set()):
        raise not_offered(f"a {protocol} listener of a {balancer_type} load balancer")


def check_target_group(protocol: str | None, target_type: str, version: str | None) -> None:
    """Raise for a kind of target group that the balancers do not implement."""
    if target_type not in TARGET_TYPES:
        raise not_offered(f"the target type {target_type}")
    if protocol not in GROUP_PROTOCOLS:
        raise not_offered(f"a target group of protocol {protocol}")
    if version not in (None, "HTTP1"):
        raise not_offered(f"the protocol version {version}")


def check_health_protocol(protocol: str | None) -> None:
    """Raise for a protocol with which the balancers cannot probe a target."""
    if protocol not in (None, *GROUP_PROTOCOLS):
        raise not_offered(f"a health check of protocol {protocol}")
