"""moto's load balancers as the reconcilers read them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from moto.elbv2.models import FakeListener, FakeLoadBalancer, FakeRule, FakeTargetGroup

from localcloud.aws import access_logs
from localcloud.aws.elbv2 import interfaces, names, tls
from localcloud.aws.elbv2.backend import Elbv2
from localcloud.aws.elbv2.conditions import CONFIGS
from localcloud.aws.elbv2.snapshots import (
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
from localcloud.aws.readers.serving_zones import serving_zones

IDLE_TIMEOUT = "tcp.idle_timeout.seconds"
NETWORK_IDLE_SECONDS = 350  # its default
CROSS_ZONE = "load_balancing.cross_zone.enabled"
UNHEALTHY, DEREGISTERED = "target_health_state.unhealthy", "deregistration_delay"
ROUTING = "routing.http"  # how attributes of application load balancers begin
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
    zones = [
        Zone(eni.subnet.availability_zone, str(eni.private_ip_address), eni.public_ip)
        for eni in interfaces.of(elb.ec2, balancer)
    ]
    attributes: Any = balancer.attrs
    return LoadBalancer(
        arn=balancer.arn,
        name=balancer.name,
        type="network" if balancer.type == "network" else "application",
        scheme="internal" if balancer.scheme == "internal" else "internet-facing",
        dns_name=balancer.dns_name,
        host=names.network_namespace_of(balancer.name),
        addresses=_addresses(zones),
        listeners=tuple(_listener(listener) for listener in balancer.listeners.values()),
        idle_timeout=float(attributes.get("idle_timeout.timeout_seconds", NETWORK_IDLE_SECONDS)),
        drop_invalid_headers=_on(attributes, f"{ROUTING}.drop_invalid_header_fields.enabled"),
        forwarded_for=attributes.get(f"{ROUTING}.xff_header_processing.mode", "append"),
        client_port=_on(attributes, f"{ROUTING}.xff_client_port.enabled"),
        preserve_host=_on(attributes, f"{ROUTING}.preserve_host_header.enabled"),
        tls_headers=_on(attributes, f"{ROUTING}.x_amzn_tls_version_and_cipher_suite.enabled"),
        http2=attributes.get("routing.http2.enabled") != "false",
        vpc_id=str(balancer.vpc_id),
        zones=tuple(zones),
        cross_zone=_on(attributes, CROSS_ZONE),
        access_logs=access_logs.settings(attributes),
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
        certificates=tuple(tls.certificates_of(listener)),
        ssl_policy=listener.ssl_policy,
        idle_timeout=int(listener.attributes.get(IDLE_TIMEOUT, NETWORK_IDLE_SECONDS)),
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
    """The snapshot of an action; `data` has botocore's names."""
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
            preserve_client_ip=_on(attributes, "preserve_client_ip.enabled"),
            cross_zone={"true": True, "false": False}.get(attributes[CROSS_ZONE]),
            terminate_unhealthy=_on(attributes, f"{UNHEALTHY}.connection_termination.enabled"),
            terminate_deregistered=_on(
                attributes, f"{DEREGISTERED}.connection_termination.enabled"
            ),
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
    zones = {
        IPv4Network(subnet.cidr_block): subnet.availability_zone
        for subnet in elb.ec2.describe_subnets(filters={"vpc-id": group.vpc_id})
    }
    for target in group.targets.values():
        address: str | None = target["Id"]
        if target["Id"].startswith("i-"):
            instance = elb.ec2.get_instance_by_id(target["Id"])
            running = instance is not None and instance.state == "running"
            address = instance.private_ip if instance and running else None
        found = (zone for cidr, zone in zones.items() if address and IPv4Address(address) in cidr)
        port = int(target["Port"])
        yield Target(id=target["Id"], address=address, port=port, zone=next(found, None))
