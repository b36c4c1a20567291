"""What the cloud's load balancers implement; anything else is refused by name."""

from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.aws import errors
from localcloud.aws.errors import AwsError

Description = Mapping[str, Any]  # an action or condition, with botocore's names

LISTENER_PROTOCOLS = {"application": {"HTTP"}, "network": {"TCP"}}
GROUP_PROTOCOLS = {"HTTP", "TCP"}
TARGET_TYPES = {"instance", "ip"}
CONDITIONS = {"host-header", "path-pattern"}
ACTIONS = {"forward", "redirect", "fixed-response"}
MEMBERS = {
    "host-header": {"Field", "Values", "HostHeaderConfig"},
    "path-pattern": {"Field", "Values", "PathPatternConfig"},
    "forward": {"Type", "Order", "TargetGroupArn", "ForwardConfig"},
    "redirect": {"Type", "Order", "RedirectConfig"},
    "fixed-response": {"Type", "Order", "FixedResponseConfig"},
}

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
    "access_logs.s3.enabled": ANY,
    "access_logs.s3.bucket": ANY,
    "access_logs.s3.prefix": ANY,
    "connection_logs.s3.enabled": {"false"},
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


def check_conditions(conditions: Iterable[Description]) -> None:
    """Raise for a condition that the balancers do not implement."""
    conditions = list(conditions)
    fields = [condition.get("Field") for condition in conditions]
    if len(set(fields)) < len(fields):
        raise not_offered("a rule with two conditions of one field")
    for condition in conditions:
        field = condition.get("Field")
        if field not in CONDITIONS:
            raise not_offered(f"the rule condition {field}")
        _check_members(condition, str(field))
        config = condition.get("HostHeaderConfig") or condition.get("PathPatternConfig") or {}
        if "RegexValues" in config:
            raise not_offered(f"RegexValues of the rule condition {field}")


def check_actions(actions: Iterable[Description], balancer_type: str) -> None:
    """Raise for an action that a balancer of that type does not implement."""
    actions = list(actions)
    for action in actions:
        kind = action.get("Type")
        if kind not in ACTIONS or (balancer_type == "network" and kind != "forward"):
            raise not_offered(f"the action {kind} of a {balancer_type} load balancer")
        _check_members(action, str(kind))
        forward = action.get("ForwardConfig") or {}
        if str((forward.get("TargetGroupStickinessConfig") or {}).get("Enabled")).lower() == "true":
            raise not_offered("TargetGroupStickinessConfig")
        if balancer_type == "network" and len(forward.get("TargetGroups") or []) > 1:
            raise not_offered("more than one target group in a network load balancer's action")
    if len(actions) > 1:
        raise not_offered("more than one action in a rule")


def _check_members(description: Description, kind: str) -> None:
    for member, value in description.items():
        if member not in MEMBERS[kind] and value:
            raise not_offered(f"{member} of {kind}")


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
