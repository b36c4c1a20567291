"""moto's load balancers as the reconcilers read them."""

from collections.abc import Iterator
from typing import Any

from moto.elbv2.models import FakeListener, FakeLoadBalancer, FakeRule, FakeTargetGroup

from localcloud.aws.elbv2 import interfaces, names
from localcloud.aws.elbv2.backend import Elbv2
from localcloud.aws.elbv2.conditions import CONFIGS
from localcloud.aws.snapshots import (
    Action,
    Condition,
    FixedResponse,
    Forward,
    HealthCheck,
    Listener,
    ListenerRule,
    LoadBalancer,
    Redirect,
    Stickiness,
    Target,
    TargetGroup,
)

NETWORK_IDLE_SECONDS = 350.0  # tcp.idle_timeout.seconds, which has only its default
ROUTING = "routing.http"  # how attributes of application load balancers begin
DEFAULT_MATCHER = "200"
LAST = 50001  # priorities are 1 to 50000; the default rule comes after them


def load_balancers(elb: Elbv2) -> Iterator[LoadBalancer]:
    for balancer in elb.load_balancers.values():
        yield _balancer(elb, balancer)


def _balancer(elb: Elbv2, balancer: FakeLoadBalancer) -> LoadBalancer:
    public = balancer.scheme == "internet-facing"
    enis = interfaces.of(elb.ec2, balancer)
    addresses = [eni.public_ip if public else eni.private_ip_address for eni in enis]
    attributes: Any = balancer.attrs
    return LoadBalancer(
        arn=balancer.arn,
        name=balancer.name,
        type="network" if balancer.type == "network" else "application",
        scheme="internet-facing" if public else "internal",
        dns_name=balancer.dns_name,
        host=names.namespace_of(balancer.name),
        addresses=tuple(sorted(address for address in addresses if address)),
        listeners=tuple(_listener(listener) for listener in balancer.listeners.values()),
        idle_timeout=float(attributes.get("idle_timeout.timeout_seconds", NETWORK_IDLE_SECONDS)),
        drop_invalid_headers=_on(attributes, f"{ROUTING}.drop_invalid_header_fields.enabled"),
        forwarded_for=attributes.get(f"{ROUTING}.xff_header_processing.mode", "append"),
        client_port=_on(attributes, f"{ROUTING}.xff_client_port.enabled"),
        preserve_host=_on(attributes, f"{ROUTING}.preserve_host_header.enabled"),
        tls_headers=_on(attributes, f"{ROUTING}.x_amzn_tls_version_and_cipher_suite.enabled"),
    )


def _on(attributes: dict[str, str], name: str) -> bool:
    return attributes.get(name) == "true"


def _listener(listener: FakeListener) -> Listener:
    rules = [_rule(rule) for rule in listener.rules.values()]
    return Listener(
        arn=listener.arn,
        port=int(listener.port),
        protocol=listener.protocol,
        rules=tuple(sorted(rules, key=lambda rule: rule.priority or LAST)),
    )


def _rule(rule: FakeRule) -> ListenerRule:
    return ListenerRule(
        arn=rule.arn,
        priority=None if rule.is_default else int(rule.priority),
        conditions=tuple(_condition(condition) for condition in rule.conditions),
        action=action(rule.actions[0].data),
    )


def _condition(condition: dict[str, Any]) -> Condition:
    field = condition["Field"]
    config = condition[CONFIGS[field]]
    if field == "query-string":
        pairs = tuple((pair.get("Key") or "", pair["Value"]) for pair in config["Values"])
        return Condition(field, (), pairs=pairs)
    return Condition(field, tuple(config["Values"]), name=config.get("HttpHeaderName") or "")


def action(data: dict[str, Any]) -> Action:
    """The record of an action that has botocore's names."""
    kind = data["Type"]
    if kind == "redirect":
        return _redirect(data["RedirectConfig"])
    if kind == "fixed-response":
        config = data["FixedResponseConfig"]
        return FixedResponse(
            status=int(config["StatusCode"]),
            content_type=config.get("ContentType", "text/plain"),
            body=config.get("MessageBody", ""),
        )
    config = data["ForwardConfig"]
    groups = tuple((g["TargetGroupArn"], int(g["Weight"])) for g in config["TargetGroups"])
    sticky = config["TargetGroupStickinessConfig"]
    return Forward(groups, float(sticky["DurationSeconds"]) if sticky.get("Enabled") else None)


def _redirect(config: dict[str, Any]) -> Redirect:
    return Redirect(
        protocol=config["Protocol"],
        host=config["Host"],
        port=str(config["Port"]),
        path=config["Path"],
        query=config["Query"],
        status=int(config["StatusCode"].removeprefix("HTTP_")),
    )


def target_groups(elb: Elbv2) -> Iterator[TargetGroup]:
    for group in elb.target_groups.values():
        attributes: Any = group.attributes
        yield TargetGroup(
            arn=group.arn,
            protocol=str(group.protocol),
            health_check=_health_check(group),
            targets=tuple(_targets(elb, group)),
            deregistration_delay=float(attributes["deregistration_delay.timeout_seconds"]),
            slow_start=float(attributes.get("slow_start.duration_seconds", 0)),
            stickiness=_stickiness(attributes),
            algorithm=attributes.get("load_balancing.algorithm.type", "round_robin"),
        )


def _stickiness(attributes: dict[str, Any]) -> Stickiness | None:
    kind = attributes["stickiness.type"]
    if not _on(attributes, "stickiness.enabled"):
        return None
    duration = float(attributes.get(f"stickiness.{kind}.duration_seconds", 0))
    return Stickiness(kind, duration, attributes.get(f"stickiness.{kind}.cookie_name", ""))


def _health_check(group: FakeTargetGroup) -> HealthCheck:
    port = group.health_check_port
    matcher = getattr(group, "matcher", None) or {}
    return HealthCheck(
        protocol=str(group.health_check_protocol),
        port=None if port in (None, "traffic-port") else int(port),
        path=group.health_check_path or "/",
        interval=float(group.health_check_interval_seconds),
        timeout=float(group.health_check_timeout_seconds),
        healthy_threshold=int(group.healthy_threshold_count),
        unhealthy_threshold=int(group.unhealthy_threshold_count),
        matcher=matcher.get("HttpCode", DEFAULT_MATCHER),
    )


def _targets(elb: Elbv2, group: FakeTargetGroup) -> Iterator[Target]:
    for target in group.targets.values():
        address: str | None = target["Id"]
        if target["Id"].startswith("i-"):
            instance = elb.ec2.get_instance_by_id(target["Id"])
            running = instance is not None and instance.state == "running"
            address = instance.private_ip if instance and running else None
        yield Target(id=target["Id"], address=address, port=int(target["Port"]))
