from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.records import FixedResponse, Forward, Redirect
from tests.local.aws.support import FIXED, Elb, forward, refusal


def test_rules_are_told_by_priority_the_default_last(api: AwsApi, elb: Elb) -> None:
    group, other = elb.group(), elb.group("other")
    listener = elb.listener(elb.balancer(), FIXED)
    redirect = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Port": "8080"}}
    host = {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.com", "b.com"]}}
    path = {"Field": "path-pattern", "Values": ["/x*"]}
    for priority, condition, action in ((20, path, redirect), (3, host, forward(group, other))):
        elb.client.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=[action]
        )
    (balancer,) = api.records.load_balancers()
    rules = balancer.listeners[0].rules
    assert [rule.priority for rule in rules] == [3, 20, None]
    assert rules[0].conditions[0].values == ("a.com", "b.com")
    assert [rule.action for rule in rules] == [
        Forward(((group, 1), (other, 2))),
        Redirect("#{protocol}", "#{host}", "8080", "/#{path}", "#{query}", 301),
        FixedResponse(404, "text/plain", ""),
    ]


def test_two_rules_can_change_places(api: AwsApi, elb: Elb) -> None:
    listener = elb.listener(elb.balancer(), FIXED)
    condition = {"Field": "path-pattern", "Values": ["/x"]}
    arns = [
        elb.client.create_rule(
            ListenerArn=listener, Priority=number, Conditions=[condition], Actions=[FIXED]
        )["Rules"][0]["RuleArn"]
        for number in (1, 2)
    ]
    swapped = [{"RuleArn": a, "Priority": p} for a, p in zip(arns, (2, 1), strict=True)]
    elb.client.set_rule_priorities(RulePriorities=swapped)
    (balancer,) = api.records.load_balancers()
    assert [rule.arn for rule in balancer.listeners[0].rules][:2] == arns[::-1]


@pytest.mark.parametrize(
    ("condition", "action", "named"),
    [
        ({"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}, FIXED, "source-ip"),
        ({"Field": "http-header", "HttpHeaderConfig": {}}, FIXED, "http-header"),
        (
            {"Field": "path-pattern", "Values": ["/x"]},
            {
                "Type": "authenticate-oidc",
                "AuthenticateOidcConfig": {
                    n: "x"
                    for n in (
                        "Issuer",
                        "AuthorizationEndpoint",
                        "TokenEndpoint",
                        "UserInfoEndpoint",
                        "ClientId",
                    )
                },
            },
            "authenticate-oidc",
        ),
        (
            {"Field": "path-pattern", "Values": ["/x"]},
            {
                "Type": "forward",
                "TargetGroupArn": "arn",
                "ForwardConfig": {
                    "TargetGroups": [{"TargetGroupArn": "arn"}],
                    "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 5},
                },
            },
            "TargetGroupStickinessConfig",
        ),
    ],
)
def test_what_the_balancers_do_not_implement_is_refused_by_name(
    elb: Elb, condition: Any, action: Any, named: str
) -> None:
    listener = elb.listener(elb.balancer(), FIXED)
    call = {"Priority": 1, "Conditions": [condition], "Actions": [action]}
    code, message = refusal(elb.client.create_rule, ListenerArn=listener, **call)
    assert code == "InvalidConfigurationRequest"
    assert named in message


@pytest.mark.parametrize(
    ("kind", "protocol"), [("application", "HTTPS"), ("network", "UDP"), ("network", "TLS")]
)
def test_listeners_that_are_refused(elb: Elb, kind: str, protocol: str) -> None:
    arn = elb.balancer(kind=kind)["LoadBalancerArn"]
    call = {"Protocol": protocol, "Port": 443, "DefaultActions": [FIXED]}
    _, message = refusal(elb.client.create_listener, LoadBalancerArn=arn, **call)
    assert f"a {protocol} listener of a {kind} load balancer is not offered" in message
