"""Load balancers and the ALB's listener as their API describes them, and where requests go."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from checks.aws import Aws
from checks.outcome import FailedProbe, Verdict

PORTS = {"http": 80, "https": 443}
TYPES = {"alb": "application", "nlb": "network"}
DRAINING = "draining"  # the state of a target that is being removed, so ignored


@dataclass(frozen=True)
class Rule:
    """A listener rule; empty `hosts` or `paths` match all. `conditions` are the fields of its other
    conditions. `group_arns` are the target groups that it forwards to with a weight above 0."""

    priority: str
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    group_arns: tuple[str, ...] = ()

    @property
    def order(self) -> float:
        return float("inf") if self.priority == "default" else int(self.priority)


@dataclass(frozen=True)
class Target:
    id: str
    port: int
    state: str


@dataclass(frozen=True)
class TargetGroup:
    """`target_type` is instance, ip, lambda or alb."""

    target_type: str
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class Listener:
    rules: tuple[Rule, ...]
    groups: Mapping[str, TargetGroup]  # by ARN


def balancer_scheme(aws: Aws, hostname: str, kind: str) -> str:
    """The scheme of the load balancer with that DNS name, internet-facing or internal; FailedProbe
    if there is none of the kind: alb, nlb or classic."""
    if kind != "classic":
        return str(_balancer(aws, hostname, TYPES[kind])["Scheme"])
    with aws.translating_errors("ELB", f"for {hostname}") as make_client:
        for page in make_client("elb").get_paginator("describe_load_balancers").paginate():
            for each in page["LoadBalancerDescriptions"]:
                if each["DNSName"].lower() == hostname.lower():
                    return str(each["Scheme"])
    raise FailedProbe(f"ELB has no classic load balancer {hostname}")


def read(aws: Aws, hostname: str, protocol: str) -> Listener:
    """The listener for http or https of the ALB with that DNS name; FailedProbe if it has none."""
    port = PORTS[protocol]
    arn = _balancer(aws, hostname, TYPES["alb"])["LoadBalancerArn"]
    with aws.translating_errors("ELB", f"for the listener of {hostname}") as make_client:
        elb = make_client("elbv2")
        found = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
        arns = [each["ListenerArn"] for each in found if each["Port"] == port]
        if not arns:
            ports = ", ".join(str(each["Port"]) for each in found) or "none"
            raise FailedProbe(f"no listener on port {port} (ports: {ports})")
        pages = elb.get_paginator("describe_rules").paginate(ListenerArn=arns[0])
        rules = tuple(parse_rule(each) for page in pages for each in page["Rules"])
        group_arns = sorted({arn for rule in rules for arn in rule.group_arns})
        return Listener(rules, {each: _group(elb, each) for each in group_arns})


def _balancer(aws: Aws, hostname: str, type_: str) -> Mapping[str, Any]:
    with aws.translating_errors("ELB", f"for {hostname}") as make_client:
        for page in make_client("elbv2").get_paginator("describe_load_balancers").paginate():
            for each in page["LoadBalancers"]:
                if each["DNSName"].lower() == hostname.lower() and each["Type"] == type_:
                    return dict(each)
    raise FailedProbe(f"ELB has no {type_} load balancer {hostname}")


def _group(elb: Any, arn: str) -> TargetGroup:
    described = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    health = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return TargetGroup(
        described["TargetType"],
        tuple(
            Target(each["Target"]["Id"], each["Target"]["Port"], each["TargetHealth"]["State"])
            for each in health
        ),
    )


def parse_rule(response: Mapping[str, Any]) -> Rule:
    values: dict[str, tuple[str, ...]] = {}
    for condition in response.get("Conditions", []):
        field = condition["Field"]
        config = condition.get("HostHeaderConfig") or condition.get("PathPatternConfig") or {}
        values[field] = tuple(config.get("Values") or condition.get("Values") or ())
    return Rule(
        priority="default" if response["IsDefault"] else response["Priority"],
        hosts=values.pop("host-header", ()),
        paths=values.pop("path-pattern", ()),
        conditions=tuple(sorted(values)),
        group_arns=_forwarded(response["Actions"]),
    )


def _forwarded(actions: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    for action in actions:
        if action["Type"] == "forward":
            shares = action.get("ForwardConfig", {}).get("TargetGroups") or [action]
            return tuple(each["TargetGroupArn"] for each in shares if each.get("Weight", 1) > 0)
    return ()


def route(rules: Sequence[Rule], host: str, path: str = "/") -> Rule:
    """The rule for a request to a host and path: the first in order of priority that matches."""
    for rule in sorted(rules, key=lambda each: each.order):
        hosts = not rule.hosts or any(fnmatchcase(host, each.lower()) for each in rule.hosts)
        if hosts and (not rule.paths or any(fnmatchcase(path, each) for each in rule.paths)):
            return rule
    raise FailedProbe(f"no rule of the listener takes {host}")


def place(host: str, path: str) -> str:
    """A short name of a host and path: svc1 or svc1/path."""
    return host.partition(".")[0] + (path if path != "/" else "")


def judge_rules(
    listener: Listener,
    routes: Sequence[tuple[str, str, str]],
    default: tuple[str, str],
    target_type: str,
    targets: Mapping[str, Set[str]],
) -> Verdict:
    """Whether the listener sends each host and path to its Service by a rule of its own, and the
    host of `default` to the Service of `default` by the default rule; all targets must be healthy.

    `routes` are (host, path, Service), and `default` is (host, Service). `targets` is what
    `Cluster.targets` returns for this target type: a rule leads to a Service if all its targets are
    the Service's.
    """
    seen: list[str] = []
    wrong: list[str] = []
    for host, path, service in [*routes, (default[0], "/", default[1])]:
        rule = route(listener.rules, host, path)
        last = (host, path) == (default[0], "/")
        problem = _problem(listener, rule, target_type, targets.get(service, set()))
        if rule.conditions:
            problem = f"also requires {', '.join(rule.conditions)}"
        elif (rule.priority == "default") != last:
            problem = f"taken by rule {rule.priority}"
        name = "default" if last else place(host, path)
        if problem:
            wrong.append(f"{name}: {problem}")
        else:
            seen.append(f"{name}→{service}")
    if wrong:
        return Verdict(False, ", ".join(wrong))
    return Verdict(True, ", ".join(seen) + " (all healthy)")


def _problem(listener: Listener, rule: Rule, target_type: str, expected: Set[str]) -> str:
    """What is wrong with a rule's targets; "" if they are the expected ones, and healthy."""
    groups = [listener.groups[arn] for arn in rule.group_arns]
    targets = [each for group in groups for each in group.targets if each.state != DRAINING]
    by_port = target_type == "instance"
    if not expected:
        return "a Service without a node port" if by_port else "a Service without pods"
    types = {group.target_type for group in groups}
    if types - {target_type}:
        return f"targets of type {', '.join(sorted(types))}"
    if not targets:
        return "no target"
    found = {str(each.port) if by_port else f"{each.id}:{each.port}" for each in targets}
    if others := sorted(found - expected):
        return f"port {', '.join(others)}, not {', '.join(sorted(expected))}"
    unhealthy = [f"{each.id} {each.state}" for each in targets if each.state != "healthy"]
    return ", ".join(unhealthy)
