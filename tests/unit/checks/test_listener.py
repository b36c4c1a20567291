"""Where a listener sends requests, according to its rules."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from checks.listener import Listener, Rule, Target, TargetGroup, judge_rules, parse_rule, route
from checks.outcome import FailedProbe, Verdict
from tests.unit.checks.fake_aws import forward

HOSTS = [("svc1.example.com", "/", "service-1"), ("svc2.example.com", "/", "service-2")]
DEFAULT = ("svc.example.com", "service-1")
PORTS = {"service-1": {"30001"}, "service-2": {"30002"}}
RULES = (
    Rule("1", hosts=("svc1.example.com",), paths=("/*",), group_arns=("one",)),
    Rule("2", hosts=("svc2.example.com",), group_arns=("two",)),
    Rule("default", group_arns=("one",)),
)


def group(*states: str, port: int, kind: str = "instance") -> TargetGroup:
    return TargetGroup(kind, tuple(Target(f"i-{i}", port, s) for i, s in enumerate(states)))


def judged(
    *rules: Rule, ports: Mapping[str, set[str]] = PORTS, two: TargetGroup | None = None
) -> Verdict:
    """The verdict on these rules (those of the post) and the target group "two"."""
    groups = {"one": group("healthy", port=30001), "two": two or group("healthy", port=30002)}
    return judge_rules(Listener(rules or RULES, groups), HOSTS, DEFAULT, "instance", ports)


def test_the_rules_of_the_post_hold_and_a_draining_target_does_not_count() -> None:
    holds = Verdict(True, "svc1→service-1, svc2→service-2, default→service-1 (all healthy)")

    assert judged() == judged(two=group("healthy", "draining", port=30002)) == holds


@pytest.mark.parametrize(
    ("two", "saw"),
    [
        (group(port=30002), "svc2: no target"),
        (group("draining", port=30002), "svc2: no target"),
        (group("healthy", "initial", port=30002), "svc2: i-1 initial"),
        (group("healthy", port=30002, kind="ip"), "svc2: targets of type ip"),
        (group("healthy", port=30001), "svc2: port 30001, not 30002"),
    ],
)
def test_targets_are_the_nodes_at_the_node_port(two: TargetGroup, saw: str) -> None:
    assert judged(two=two) == Verdict(False, saw)


def test_a_service_without_a_node_port_has_no_targets() -> None:
    assert "svc2: a Service without a node port" in judged(ports={"service-1": {"30001"}}).saw


def test_targets_of_type_ip_are_the_pods() -> None:
    rules = (
        Rule("1", ("a.org",), ("/x", "/x/*"), (), ("pods",)),
        Rule("default", group_arns=("pods",)),
    )
    listener = Listener(rules, {"pods": TargetGroup("ip", (Target("10.0.0.7", 80, "healthy"),))})

    def saw(service: str, kind: str = "ip") -> str:
        pods = {"service-1": {"10.0.0.7:80"}, "service-2": {"10.0.0.8:80"}}
        return judge_rules(listener, [("a.org", "/x", service)], DEFAULT, kind, pods).saw

    assert saw("service-1") == "a/x→service-1, default→service-1 (all healthy)"
    assert saw("service-2") == "a/x: port 10.0.0.7:80, not 10.0.0.8:80"
    assert saw("service-3") == "a/x: a Service without pods"
    assert "a/x: targets of type ip" in saw("service-1", "instance")


FIRST, SECOND, LAST = RULES


@pytest.mark.parametrize(
    ("rules", "saw"),
    [
        ([FIRST, LAST], "svc2: taken by rule default"),
        ([FIRST, SECOND, replace(FIRST, priority="3", hosts=("svc.*",)), LAST],
         "default: taken by rule 3"),
        ([replace(FIRST, hosts=("*.example.com",), group_arns=("two",)), SECOND, LAST],
         "svc1: port 30002, not 30001, default: taken by rule 1"),
        ([FIRST, SECOND, Rule("default")], "default: no target"),
        ([FIRST, replace(SECOND, conditions=("query-string",)), LAST],
         "svc2: also requires query-string"),
        ([FIRST, replace(SECOND, paths=("/api/*",)), LAST], "svc2: taken by rule default"),
    ],
)  # fmt: skip
def test_other_rules_are_not_the_posts(rules: list[Rule], saw: str) -> None:
    assert judged(*rules) == Verdict(False, saw)


def test_the_first_rule_by_number_takes_a_request() -> None:
    rules = [Rule("default"), Rule("10", ("a.*",)), Rule("9", ("A.example",))]

    assert route(rules, "a.example").priority == "9"
    assert route(rules, "a.org").priority == "10"
    assert route(rules, "b.org").priority == "default"


def test_a_listener_without_a_default_is_a_failed_probe() -> None:
    with pytest.raises(FailedProbe, match=r"no rule of the listener takes a\.org"):
        route([Rule("1", ("b.org",))], "a.org")


def test_a_rule_is_read_as_elb_returns_it() -> None:
    response = forward("arn", "svc1.example.com", "7")

    assert parse_rule(response) == Rule("7", ("svc1.example.com",), ("/*",), (), ("arn",))


def test_a_forward_without_weight_gets_nothing_and_a_redirect_forwards_nowhere() -> None:
    shares = [{"TargetGroupArn": "a", "Weight": 0}, {"TargetGroupArn": "b", "Weight": 1}]
    response = forward("arn")
    response["Actions"] = [{"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}]
    assert parse_rule(response).group_arns == ("b",)

    response["Actions"] = [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}]
    assert parse_rule(response).group_arns == ()
