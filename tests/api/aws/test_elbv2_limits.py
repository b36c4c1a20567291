"""Quotas, pages and look-ups of load balancers."""

from typing import Any

import pytest

from localcloud.aws.elbv2 import hosted_zones
from localcloud.aws.errors import AwsError
from tests.api.aws.support import FIXED, PATH, Elb, condition, forward, refuses


def test_a_balancer_has_100_rules_which_come_in_one_page(elb: Elb) -> None:
    """Case 12: 2.4.5 of the controller reads the first page of DescribeRules only, since its SDK
    knows no pages of them; every host's rule has to be in it. More rules than 100, the default
    ones not counted, are refused (load-balancer-limits.html), and the others stay."""
    listener = elb.listener(FIXED)
    for number in range(1, 101):
        elb.rule(listener, number, condition("host-header", f"h{number}.example.com"))
    found = elb.client.describe_rules(ListenerArn=listener)
    assert [rule["Priority"] for rule in found["Rules"]] == [*map(str, range(1, 101)), "default"]
    assert "NextMarker" not in found
    call = {"ListenerArn": listener, "Conditions": [PATH], "Actions": [FIXED]}
    refuses(elb.client.create_rule, "TooManyRules", "which is 100", Priority=101, **call)
    assert len(elb.rules()) == 101


def test_every_look_up_comes_in_pages(elb: Elb) -> None:
    """Case 12: all results are in the pages, each once."""
    listener = elb.listener(FIXED)
    (balancer,) = elb.client.describe_load_balancers()["LoadBalancers"]
    arn = {"LoadBalancerArn": balancer["LoadBalancerArn"]}
    call: Any
    for number in range(1, 4):
        elb.rule(listener, number, PATH)
        elb.group(f"group-{number}")
        elb.balancer("network", Name=f"net-{number}")
        call = {"Protocol": "HTTP", "Port": 80 + number, "DefaultActions": [FIXED]}
        elb.client.create_listener(**arn, **call)
    for operation, member, call in (
        ("describe_rules", "Rules", {"ListenerArn": listener}),
        ("describe_target_groups", "TargetGroups", {}),
        ("describe_load_balancers", "LoadBalancers", {}),
        ("describe_listeners", "Listeners", arn),
        ("describe_account_limits", "Limits", {}),
        ("describe_ssl_policies", "SslPolicies", {}),
    ):
        look_up = getattr(elb.client, operation)
        whole, paged, page = look_up(**call)[member], [], look_up(**call, PageSize=2)
        assert len(whole) > 2
        while "NextMarker" in page:
            assert len(page[member]) == 2
            paged += page[member]
            page = look_up(**call, PageSize=2, Marker=page["NextMarker"])
        assert [*paged, *page[member]] == whole
        refuses(look_up, "ValidationError", "'PageSize'", **call, PageSize=401)
        refuses(look_up, "ValidationError", "marker 'x'", **call, Marker="x")


def test_one_unknown_name_fails_the_look_up(elb: Elb) -> None:
    listener = elb.listener(FIXED)
    rule, balancer, group = elb.rule(listener, 1, PATH), elb.balancer(), elb.group()
    for operation, member, known, code in (
        ("load_balancers", "LoadBalancerArns", balancer, "LoadBalancerNotFound"),
        ("load_balancers", "Names", "one", "LoadBalancerNotFound"),
        ("target_groups", "TargetGroupArns", group, "TargetGroupNotFound"),
        ("target_groups", "Names", "group", "TargetGroupNotFound"),
        ("listeners", "ListenerArns", listener, "ListenerNotFound"),
        ("rules", "RuleArns", rule, "RuleNotFound"),
        ("tags", "ResourceArns", balancer, "LoadBalancerNotFound"),
        ("tags", "ResourceArns", group, "TargetGroupNotFound"),
        ("tags", "ResourceArns", listener, "ListenerNotFound"),
        ("tags", "ResourceArns", rule, "RuleNotFound"),
    ):
        look_up = getattr(elb.client, f"describe_{operation}")
        look_up(**{member: [known]})
        refuses(look_up, code, "", **{member: [known, f"{known}0"]})


def test_quotas_of_a_balancer(elb: Elb) -> None:
    """load-balancer-limits.html"""
    elb.listener(FIXED)
    call = {"LoadBalancerArn": elb.balancer(), "Protocol": "HTTP", "DefaultActions": [FIXED]}
    for port in range(81, 130):
        elb.client.create_listener(Port=port, **call)
    refuses(elb.client.create_listener, "TooManyListeners", "which is 50", Port=130, **call)


def test_a_group_is_of_one_balancer(elb: Elb) -> None:
    """The quota "Load balancers per target group"."""
    group = elb.group()
    elb.listener(forward(group))
    call = {"LoadBalancerArn": elb.balancer(Name="two"), "Protocol": "HTTP", "Port": 80}
    words = "cannot be associated with more than one load balancer"
    code = "TargetGroupAssociationLimit"
    refuses(elb.client.create_listener, code, words, DefaultActions=[forward(group)], **call)


def test_a_resource_has_50_tags(elb: Elb) -> None:
    """ "Maximum number of tags per resource: 50" (load-balancer-tags.html)"""
    call = {"ResourceArns": [elb.balancer(), elb.group()]}
    tags = [{"Key": f"key-{number}", "Value": "a"} for number in range(51)]
    elb.client.add_tags(**call, Tags=tags[:20])
    refuses(elb.client.add_tags, "TooManyTags", "which is 50", **call, Tags=tags)
    new = {"Conditions": [PATH], "Actions": [FIXED], "Priority": 1, "Tags": tags}
    listener = elb.listener(FIXED)
    refuses(elb.client.create_rule, "TooManyTags", "which is 50", ListenerArn=listener, **new)
    for found in elb.client.describe_tags(**call)["TagDescriptions"]:
        assert len(found["Tags"]) == 20


def test_hosted_zones_are_those_of_the_region(elb: Elb) -> None:
    """Case 22: docs.aws.amazon.com/general/latest/gr/elb.html"""
    for kind, expected in (("application", "Z32O12XQLNTSW2"), ("network", "Z2IFOLAFXWLO4F")):
        arn = elb.balancer(kind, Name=kind)
        (found,) = elb.client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
        assert found["CanonicalHostedZoneId"] == expected
    assert hosted_zones.zone_id("us-east-1", "classic") == "Z35SXDOTRQ7X7K"
    with pytest.raises(AwsError, match="'eu-nowhere-1' has no load balancers"):
        hosted_zones.zone_id("eu-nowhere-1", "network")
