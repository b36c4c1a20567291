from typing import Any

import pytest

from localcloud.aws.elbv2.snapshots import Condition, FixedResponse, Forward, Redirect
from tests.api.aws.support import FIXED, PATH, Elb, condition, forward, refusal, refuses


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
REGEX = {"Field": "host-header", "HostHeaderConfig": {"RegexValues": ["a.*"]}}
REWRITE = {"Type": "url-rewrite"}


@pytest.mark.parametrize(
    ("condition", "action", "named", "more"),
    [
        (REGEX, FIXED, "RegexValues", {}),
        (PATH, LOGIN, "authenticate-oidc", {}),
        (PATH, FIXED, "Transforms", {"Transforms": [REWRITE]}),
    ],
    ids=["regex", "login", "transform"],
)
def test_what_the_balancers_do_not_implement_is_refused_by_name(
    elb: Elb, condition: Any, action: Any, named: str, more: Any
) -> None:
    call = {"ListenerArn": elb.listener(FIXED), "Priority": 1, "Conditions": [condition], **more}
    refuses(elb.client.create_rule, "InvalidConfigurationRequest", named, Actions=[action], **call)


def test_every_kind_of_condition_is_in_the_records(elb: Elb) -> None:
    listener = elb.listener(FIXED)
    pairs = [{"Key": "version", "Value": "v?"}, {"Value": "*beta*"}]
    given = [
        condition("http-header", "*Chrome*", HttpHeaderName="User-Agent"),
        condition("http-header", "a", HttpHeaderName="X-B"),
        condition("http-request-method", "GET"),
        condition("source-ip", "192.0.2.0/24"),
    ]
    action = [FIXED]
    call = {"ListenerArn": listener, "Actions": action}
    elb.client.create_rule(Priority=1, Conditions=given, **call)
    query = condition("query-string", *pairs)
    elb.client.create_rule(Priority=2, Conditions=[query], **call)
    first, second, _ = elb.rules()
    assert first.conditions == (
        Condition("http-header", ("*Chrome*",), name="User-Agent"),
        Condition("http-header", ("a",), name="X-B"),
        Condition("http-request-method", ("GET",)),
        Condition("source-ip", ("192.0.2.0/24",)),
    )
    assert second.conditions == (
        Condition("query-string", (), pairs=(("version", "v?"), ("", "*beta*"))),
    )
    described = elb.client.describe_rules(ListenerArn=listener)["Rules"]
    assert [rule["Conditions"] for rule in described] == [given, [query], []]


LONG = "x" * 129
HOST, PATHS = "host-header", "path-pattern"
AGENT = {"HttpHeaderName": "User-Agent"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        # "You can specify up to five match evaluations per rule." "The wildcard characters are
        # limited to five per rule." (rule-condition-types.html); the message is AWS's, of
        # github.com/aws/aws-cdk/issues/10065
        (
            [condition(HOST, *(f"{c}.com" for c in "abc")), condition(PATHS, "/a", "/b", "/c")],
            "A rule can only have '5' condition values",
        ),
        ([condition(PATHS, "/*/*/*", "/*/*/*")], "condition wildcards"),
        ([condition(HOST, "a.com"), condition(HOST, "b.com")], "one 'host-header' condition"),
        ([condition(HOST, f"{LONG}.com")], "the limit is '128'"),
        ([condition(HOST, "localhost")], "'localhost' is not valid"),  # "at least one '.'"
        ([condition(HOST, "a.c_m")], "'a.c_m' is not valid"),
        ([condition(PATHS, f"/{LONG}")], "the limit is '128'"),
        ([condition(PATHS, "/a b")], "'/a b' is not valid"),
        ([condition(PATHS)], "A condition value must be specified"),
        ([{"Field": PATHS, "Values": ["/a", "/b"]}], "too many values"),
        ([{**PATH, **condition(PATHS, "/a")}], "both Values and 'PathPatternConfig'"),
        ([{**condition(PATHS, "/a"), **condition(HOST, "a.com")}], "PathPatternConfig cannot be"),
        ([condition("http-header", LONG, **AGENT)], "the limit is '128'"),
        ([condition("http-header", "a", HttpHeaderName="x" * 41)], "the limit is '40'"),
        ([condition("http-header", "a", HttpHeaderName="a b")], "'a b' is not valid"),
        ([condition("http-header", "a", HttpHeaderName="Host")], "use a host-header condition"),
        ([condition("http-request-method", "get")], "'get' is not valid"),
        ([condition("http-request-method", "X" * 41)], "the limit is '40'"),
        ([condition("query-string", {"Key": "a", "Value": LONG})], "the limit is '128'"),
        ([condition("query-string", {"Key": "a"})], "'query-string' value '' is not valid"),
        ([condition("source-ip", "192.0.2.1")], "must be in CIDR format"),
        ([condition("source-ip", "192.0.2.0/33")], "must be in CIDR format"),
        ([condition("source-ip", "192.0.2.0/255.255.255.0")], "must be in CIDR format"),
        ([{"Field": "cookie", "Values": ["a"]}], "Condition field 'cookie' must be one of"),
        ([], "A rule must have a condition and an action"),
    ],
)
def test_conditions_that_are_refused(elb: Elb, given: Any, words: str) -> None:
    """Case 17: also six values that are spread over a host and a path."""
    listener = elb.listener(FIXED)
    call = {"Conditions": given, "Actions": [FIXED]}
    refuses(
        elb.client.create_rule,
        "ValidationError",
        words,
        ListenerArn=listener,
        Priority=1,
        **call,
    )
    if given:
        rule = elb.rule(listener, 1, PATH)
        refuses(elb.client.modify_rule, "ValidationError", words, RuleArn=rule, Conditions=given)


def redirect(**more: Any) -> dict[str, Any]:
    """A redirect as the API has it."""
    return {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", **more}}


def fixed(**more: Any) -> dict[str, Any]:
    """A fixed response as the API has it."""
    config = {"StatusCode": "200", **more}
    return {"Type": "fixed-response", "FixedResponseConfig": config}


def sticky(seconds: int) -> dict[str, Any]:
    """A forward action that keeps a client at a target group."""
    made = forward("arn")
    config = {"Enabled": True, "DurationSeconds": seconds}
    made["ForwardConfig"]["TargetGroupStickinessConfig"] = config
    return made


def weighted(weight: int) -> dict[str, Any]:
    group = {"TargetGroupArn": "arn", "Weight": weight}
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": [group]}}


LOOP = "The redirect configuration is not valid because it creates a loop."


@pytest.mark.parametrize(
    ("action", "code", "words"),
    [
        # "You must modify at least one of the following components to avoid a redirect loop:
        # protocol, hostname, port, or path." (API_RedirectActionConfig), as the listener has them:
        # github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1752
        (redirect(), "InvalidLoadBalancerAction", LOOP),
        (redirect(Query="a=b"), "InvalidLoadBalancerAction", LOOP),
        (redirect(Host="#{host}", Path="/#{path}"), "InvalidLoadBalancerAction", LOOP),
        (redirect(Protocol="HTTP", Port="80"), "InvalidLoadBalancerAction", LOOP),
        (redirect(Port="65536"), "InvalidLoadBalancerAction", "must be from 1 to 65535"),
        (redirect(Path="a"), "InvalidLoadBalancerAction", "must begin with '/'"),
        (redirect(Path="/a", Query="?a"), "InvalidLoadBalancerAction", "must not begin with '?'"),
        (redirect(Host="#{path}"), "InvalidLoadBalancerAction", "cannot contain #{path}"),
        (redirect(Host="a" * 129), "ValidationError", "at most 128"),
        (redirect(Protocol="TCP"), "ValidationError", "^(HTTPS?"),
        (redirect(Port="81", StatusCode="HTTP_308"), "ValidationError", "HTTP_302"),
        (fixed(StatusCode="302"), "ValidationError", "(2|4|5)"),
        (fixed(ContentType="image/png"), "InvalidLoadBalancerAction", "The ContentType must be"),
        (fixed(MessageBody="a" * 1025), "ValidationError", "at most 1024"),
        (weighted(1000), "ValidationError", "Member must be from 0 to 999"),
        (forward(*"abcdef"), "TooManyTargetGroups", "the quota, which is 5"),
        (forward("arn"), "TargetGroupNotFound", "'arn' not found"),
        (sticky(604801), "ValidationError", "Member must be from 1 to 604800"),
        ({"Type": "forward"}, "InvalidLoadBalancerAction", "'ForwardConfig' or 'TargetGroupArn'"),
        (
            {**forward("arn"), "TargetGroupArn": "other"},
            "InvalidLoadBalancerAction",
            "must specify the same target group",
        ),
        ({**redirect(Port="81"), **FIXED}, "InvalidLoadBalancerAction", "RedirectConfig cannot"),
    ],
)
def test_actions_that_are_refused(elb: Elb, action: Any, code: str, words: str) -> None:
    """Case 17."""
    rule = elb.rule(elb.listener(FIXED), 1, PATH)
    refuses(elb.client.modify_rule, code, words, RuleArn=rule, Actions=[action])


def test_actions_are_described_in_full(elb: Elb) -> None:
    """As AWS describes them: what was not given has its default."""
    group = elb.group()
    listener = elb.listener({"Type": "forward", "TargetGroupArn": group})
    (found,) = elb.client.describe_listeners(ListenerArns=[listener])["Listeners"]
    (action,) = found["DefaultActions"]
    assert action["TargetGroupArn"] == group
    assert action["ForwardConfig"]["TargetGroups"] == [{"TargetGroupArn": group, "Weight": 1}]
    action = sticky(60)
    action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"] = group
    elb.rule(listener, 1, PATH, action)
    assert elb.rules()[0].action == Forward(((group, 1),), stickiness=60)


def test_priorities_are_1_to_50000(elb: Elb) -> None:
    """Case 17 (API_CreateRule)."""
    call = {"Conditions": [PATH], "Actions": [FIXED], "ListenerArn": elb.listener(FIXED)}
    refuses(elb.client.create_rule, "ValidationError", "'Priority'", Priority=50001, **call)


def test_priorities_are_set_all_or_none(elb: Elb) -> None:
    """SetRulePriorities: "as long as there are no priority conflicts in the new order"."""
    listener = elb.listener(FIXED)
    rules = [elb.rule(listener, priority, PATH) for priority in (1, 2, 3)]
    default = elb.rules()[-1].arn
    call = {"ListenerArn": listener, "Conditions": [PATH], "Actions": [FIXED]}
    refuses(elb.client.create_rule, "PriorityInUse", "in use", Priority=2, **call)
    for other, priority, code in (
        (rules[1], 3, "PriorityInUse"),
        (rules[1], 10, "PriorityInUse"),
        (f"{rules[1]}0", 4, "RuleNotFound"),
        (default, 4, "OperationNotPermitted"),
    ):
        wanted = [{"RuleArn": rules[0], "Priority": 10}, {"RuleArn": other, "Priority": priority}]
        refuses(elb.client.set_rule_priorities, code, "", RulePriorities=wanted)
        assert [rule.priority for rule in elb.rules()] == [1, 2, 3, None]


def test_the_default_rule_cannot_be_changed(elb: Elb) -> None:
    elb.listener(FIXED)
    call = {"RuleArn": elb.rules()[0].arn}
    refuses(elb.client.delete_rule, "OperationNotPermitted", "modify its listener", **call)
    change = {**call, "Conditions": [PATH]}
    refuses(elb.client.modify_rule, "OperationNotPermitted", "modify its listener", **change)


@pytest.mark.parametrize(("kind", "protocol"), [("application", "TCP"), ("network", "HTTPS")])
def test_listeners_that_are_refused(elb: Elb, kind: str, protocol: str) -> None:
    call = {"Protocol": protocol, "Port": 443, "DefaultActions": [FIXED]}
    arn = elb.balancer(kind)
    words = f"a {protocol} listener of a {kind} load balancer is not offered"
    assert words in refusal(elb.client.create_listener, LoadBalancerArn=arn, **call)[1]


def test_a_listener_has_a_default_action(elb: Elb) -> None:
    """APIReference/API_CreateListener.html"""
    call = {"LoadBalancerArn": elb.balancer(), "Protocol": "HTTP", "Port": 80}
    create = elb.client.create_listener
    refuses(create, "ValidationError", "must have a default action", DefaultActions=[], **call)
