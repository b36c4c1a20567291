"""moto's load balancers as the reconcilers read them."""

from collections.abc import Iterator
from typing import Any

from moto.elbv2.models import FakeListener, FakeLoadBalancer, FakeRule, FakeTargetGroup

from localcloud.aws import access_logs
from localcloud.aws.elbv2 import interfaces, names
from localcloud.aws.elbv2.backend import Elbv2
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
    Target,
    TargetGroup,
)

DEFAULT_IDLE_SECONDS = 60.0
DROP_INVALID_HEADERS = "routing.http.drop_invalid_header_fields.enabled"
DEFAULT_MATCHER = "200"
LAST = 50001  # priorities are 1 to 50000; the default rule comes after them


def load_balancers(elb: Elbv2) -> Iterator[LoadBalancer]:
    for balancer in elb.load_balancers.values():
        yield _balancer(elb, balancer)


def _balancer(elb: Elbv2, balancer: FakeLoadBalancer) -> LoadBalancer:
    public = balancer.scheme == "internet-facing"
    enis = interfaces.of(elb.ec2, balancer)
    addresses = [eni.public_ip if public else eni.private_ip_address for eni in enis]
    idle = balancer.attrs.get("idle_timeout.timeout_seconds", DEFAULT_IDLE_SECONDS)
    return LoadBalancer(
        arn=balancer.arn,
        name=balancer.name,
        type="network" if balancer.type == "network" else "application",
        scheme="internet-facing" if public else "internal",
        dns_name=balancer.dns_name,
        host=names.namespace_of(balancer.name),
        addresses=tuple(sorted(address for address in addresses if address)),
        listeners=tuple(_listener(listener) for listener in balancer.listeners.values()),
        idle_timeout=float(idle),
        drop_invalid_headers=balancer.attrs.get(DROP_INVALID_HEADERS) == "true",
        access_logs=access_logs.settings(balancer.attrs),
    )


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
    config = condition.get("HostHeaderConfig") or condition.get("PathPatternConfig") or {}
    values = tuple(config.get("Values") or condition.get("Values") or ())
    return Condition(field=condition["Field"], values=values)


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
    groups = (data.get("ForwardConfig") or {}).get("TargetGroups")
    groups = groups or [{"TargetGroupArn": data["TargetGroupArn"]}]
    return Forward(tuple((g["TargetGroupArn"], int(g.get("Weight", 1))) for g in groups))


def _redirect(config: dict[str, Any]) -> Redirect:
    return Redirect(
        protocol=config.get("Protocol", "#{protocol}"),
        host=config.get("Host", "#{host}"),
        port=str(config.get("Port", "#{port}")),
        path=config.get("Path", "/#{path}"),
        query=config.get("Query", "#{query}"),
        status=int(config["StatusCode"].removeprefix("HTTP_")),
    )


def target_groups(elb: Elbv2) -> Iterator[TargetGroup]:
    for group in elb.target_groups.values():
        yield TargetGroup(
            arn=group.arn,
            protocol=str(group.protocol),
            health_check=_health_check(group),
            targets=tuple(_targets(elb, group)),
        )


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
        port = int(target.get("Port") or group.port)
        address: str | None = target["Id"]
        if target["Id"].startswith("i-"):
            instance = elb.ec2.get_instance_by_id(target["Id"])
            running = instance is not None and instance.state == "running"
            address = instance.private_ip if instance and running else None
        yield Target(id=target["Id"], address=address, port=port)
