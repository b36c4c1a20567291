from typing import Any

import pytest

from localcloud.aws.snapshots import FixedResponse, Forward, Redirect
from tests.api.aws.support import FIXED, Elb, forward, refusal, refuses

PATH = {"Field": "path-pattern", "Values": ["/x*"]}


def test_rules_are_told_by_priority_the_default_last(elb: Elb) -> None:
    group, other = elb.group(), elb.group("other")
    listener = elb.listener(FIXED)
    redirect = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Port": "8080"}}
    host = {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.com", "b.com"]}}
    elb.rule(listener, 20, PATH, redirect)
    elb.rule(listener, 3, host, forward(group, other))
    rules = elb.rules()
    assert rules[0].conditions[0].values == ("a.com", "b.com")
    assert [(rule.priority, rule.action) for rule in rules] == [
        (3, Forward(((group, 1), (other, 2)))),
        (20, Redirect("#{protocol}", "#{host}", "8080", "/#{path}", "#{query}", 301)),
        (None, FixedResponse(404, "text/plain", "")),
    ]


def test_two_rules_can_change_places(elb: Elb) -> None:
    listener = elb.listener(FIXED)
    one, two = elb.rule(listener, 1, PATH), elb.rule(listener, 2, PATH)
    swapped = [{"RuleArn": one, "Priority": 2}, {"RuleArn": two, "Priority": 1}]
    elb.client.set_rule_priorities(RulePriorities=swapped)
    assert [rule.arn for rule in elb.rules()][:2] == [two, one]


OIDC = ("Issuer", "AuthorizationEndpoint", "TokenEndpoint", "UserInfoEndpoint", "ClientId")
LOGIN = {"Type": "authenticate-oidc", "AuthenticateOidcConfig": dict.fromkeys(OIDC, "x")}
STICKY = forward("arn")
STICKY["ForwardConfig"]["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": 5}


@pytest.mark.parametrize(
    ("condition", "action", "named"),
    [
        ({"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}, FIXED, "source-ip"),
        ({"Field": "http-header", "HttpHeaderConfig": {}}, FIXED, "http-header"),
        (PATH, LOGIN, "authenticate-oidc"),
        (PATH, {**STICKY, "TargetGroupArn": "arn"}, "TargetGroupStickinessConfig"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_the_balancers_do_not_implement_is_refused_by_name(
    elb: Elb, condition: Any, action: Any, named: str
) -> None:
    call = {"ListenerArn": elb.listener(FIXED), "Priority": 1, "Conditions": [condition]}
    refuses(elb.client.create_rule, "InvalidConfigurationRequest", named, Actions=[action], **call)


@pytest.mark.parametrize(("kind", "protocol"), [("application", "HTTPS"), ("network", "TLS")])
def test_listeners_that_are_refused(elb: Elb, kind: str, protocol: str) -> None:
    call = {"Protocol": protocol, "Port": 443, "DefaultActions": [FIXED]}
    arn = elb.balancer(kind)
    words = f"a {protocol} listener of a {kind} load balancer is not offered"
    assert words in refusal(elb.client.create_listener, LoadBalancerArn=arn, **call)[1]
