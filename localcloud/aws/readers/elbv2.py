"""moto's load balancers as the reconcilers read them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from moto.elbv2.models import FakeListener, FakeLoadBalancer, FakeRule, FakeTargetGroup

from localcloud.aws.elbv2 import interfaces, names, network
from localcloud.aws.elbv2.backend import Elbv2
from localcloud.aws.elbv2.target_states import HEALTH
from localcloud.aws.readers.serving_zones import serving_zones
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
    Zone,
)

DEFAULT_IDLE_SECONDS = {"application": 60.0, "network": 350.0}
DROP_INVALID_HEADERS = "routing.http.drop_invalid_header_fields.enabled"
BOOLEANS = {"true": True, "false": False}
DEFAULT_MATCHER = "200"
LAST = 50001  # priorities are 1 to 50000; the default rule comes after them


def load_balancers(elb: Elbv2) -> Iterator[LoadBalancer]:
    groups = list(target_groups(elb))
    for record in elb.load_balancers.values():
        balancer = _balancer(elb, record)
        if balancer.type == "network":
            own = (g for g in groups if record.arn in elb.target_groups[g.arn].load_balancer_arns)
            balancer = replace(balancer, addresses=_addresses(serving_zones(balancer, own)))
        yield balancer


def _addresses(zones: Iterable[Zone]) -> tuple[str, ...]:
    return tuple(sorted(zone.public_ip or zone.private_ip for zone in zones))


def _balancer(elb: Elbv2, balancer: FakeLoadBalancer) -> LoadBalancer:
    public, application = balancer.scheme == "internet-facing", balancer.type == "application"
    enis = interfaces.of(elb.ec2, balancer)
    zones = [
        Zone(eni.subnet.availability_zone, str(eni.private_ip_address), eni.public_ip)
        for eni in enis
    ]
    idle = balancer.attrs.get("idle_timeout.timeout_seconds", DEFAULT_IDLE_SECONDS[balancer.type])
    return LoadBalancer(
        arn=balancer.arn,
        name=balancer.name,
        type="application" if application else "network",
        scheme="internet-facing" if public else "internal",
        dns_name=balancer.dns_name,
        host=names.namespace_of(balancer.name),
        addresses=_addresses(zones),
        listeners=tuple(_listener(listener) for listener in balancer.listeners.values()),
        idle_timeout=float(idle),
        drop_invalid_headers=balancer.attrs.get(DROP_INVALID_HEADERS) == "true",
        vpc_id=str(balancer.vpc_id),
        zones=tuple(zones),
        cross_zone=balancer.type == "application"
        or balancer.attrs.get(network.CROSS_ZONE) == "true",
    )


def _listener(listener: FakeListener) -> Listener:
    rules = [_rule(rule) for rule in listener.rules.values()]
    return Listener(
        arn=listener.arn,
        port=int(listener.port),
        protocol=listener.protocol,
        rules=tuple(sorted(rules, key=lambda rule: rule.priority or LAST)),
        idle_timeout=int(listener.attributes[network.IDLE_TIMEOUT]),
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
            targets=tuple(_targets(elb, group, group.targets.values())),
            stickiness=_stickiness(group),
            preserve_client_ip=group.attributes.get(network.PRESERVE_CLIENT_IP) == "true",
            cross_zone=BOOLEANS.get(str(group.attributes[network.CROSS_ZONE])),
            draining=tuple(_targets(elb, group, _draining(group.arn))),
            drained_in=HEALTH.drained_in(group.arn),
            terminate_unhealthy=group.attributes.get(network.TERMINATE_UNHEALTHY) == "true",
            terminate_deregistered=group.attributes.get(network.TERMINATE_DEREGISTERED) == "true",
        )


def _stickiness(group: FakeTargetGroup) -> Stickiness | None:
    on = group.attributes["stickiness.enabled"] == "true"
    return Stickiness("source_ip", 0) if on and group.protocol in network.GROUPS else None


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


def _draining(group: str) -> Iterator[dict[str, Any]]:
    for _, target, port in HEALTH.draining(group):
        yield {"Id": target, "Port": port}


def _targets(
    elb: Elbv2, group: FakeTargetGroup, given: Iterable[dict[str, Any]]
) -> Iterator[Target]:
    zones = {
        IPv4Network(subnet.cidr_block): subnet.availability_zone
        for subnet in elb.ec2.describe_subnets(filters={"vpc-id": group.vpc_id})
    }
    for target in given:
        port = int(target.get("Port") or group.port)
        address: str | None = target["Id"]
        if target["Id"].startswith("i-"):
            instance = elb.ec2.get_instance_by_id(target["Id"])
            running = instance is not None and instance.state == "running"
            address = instance.private_ip if instance and running else None
        found = (zone for cidr, zone in zones.items() if address and IPv4Address(address) in cidr)
        yield Target(id=target["Id"], address=address, port=port, zone=next(found, None))
