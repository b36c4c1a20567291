"""docs.aws.amazon.com/waf/latest/APIReference, and .../waf/latest/developerguide, by page."""

from typing import Any

import pytest

from tests.api.aws.support import Client, Elb, refuses

CORE = "AWSManagedRulesCommonRuleSet"
SHOWN = {"CloudWatchMetricsEnabled": True, "MetricName": "m", "SampledRequestsEnabled": True}
INVALID = "WAFInvalidParameterException"
STALE = ("WAFOptimisticLockException", "someone changed the resource")
IN_USE = ("WAFAssociatedItemException", "is being used by another")
MISSING = ("WAFNonexistentItemException", "doesn't exist")


def rule(group: str = CORE, **more: Any) -> dict[str, Any]:
    statement = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": group}}
    named = {"Name": group, "Priority": 0, "Statement": statement, "VisibilityConfig": SHOWN}
    return {**named, "OverrideAction": {"None": {}}, **more}


def content(**more: Any) -> dict[str, Any]:
    acl = {"Name": "acl", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}}
    return {**acl, "Rules": [rule()], "VisibilityConfig": SHOWN, **more}


class Waf:
    """WAF's client, and a web ACL."""

    def __init__(self, client: Client) -> None:
        self.client = client("wafv2")
        self.acl = self.client.create_web_acl(**content())["Summary"]
        self.key = {"Name": "acl", "Scope": "REGIONAL", "Id": self.acl["Id"]}

    @property
    def token(self) -> str:
        return str(self.client.get_web_acl(**self.key)["LockToken"])

    def acl_of(self, balancer: str) -> str | None:
        found = self.client.get_web_acl_for_resource(ResourceArn=balancer).get("WebACL")
        return found and str(found["ARN"])

    def associate(self, balancer: str) -> None:
        self.client.associate_web_acl(WebACLArn=self.acl["ARN"], ResourceArn=balancer)


@pytest.fixture
def waf(client: Client) -> Waf:
    return Waf(client)


def test_a_web_acl_is_described_as_it_was_made(waf: Waf) -> None:
    """aws-managed-rule-groups-baseline.html: the core rule set needs 700 WCU."""
    seen = waf.client.get_web_acl(ARN=waf.acl["ARN"])["WebACL"]
    assert waf.acl["ARN"] == (
        f"arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/acl/{waf.acl['Id']}"
    )
    assert (seen["Rules"], seen["Capacity"]) == ([rule()], 700)
    listed = waf.client.list_web_acls(Scope="REGIONAL")["WebACLs"]
    assert [each["ARN"] for each in listed] == [waf.acl["ARN"]]


def test_web_acls_are_listed_by_pages(waf: Waf) -> None:
    """API_ListWebACLs.html"""
    waf.client.create_web_acl(**content(Name="other"))
    first = waf.client.list_web_acls(Scope="REGIONAL", Limit=1)
    rest = waf.client.list_web_acls(Scope="REGIONAL", NextMarker=first["NextMarker"], Limit=1)
    assert [page["WebACLs"][0]["Name"] for page in (first, rest)] == ["acl", "other"]
    assert "NextMarker" not in rest
    refuses(waf.client.list_web_acls, INVALID, "marker 'x'", Scope="REGIONAL", NextMarker="x")


def test_an_update_needs_the_last_lock_token(waf: Waf) -> None:
    """API_UpdateWebACL.html"""
    token, changed = waf.token, {**content(), **waf.key, "Rules": []}
    following = waf.client.update_web_acl(**changed, LockToken=token)["NextLockToken"]
    seen = waf.client.get_web_acl(**waf.key)
    assert (seen["WebACL"]["Rules"], seen["LockToken"]) == ([], following)
    refuses(waf.client.update_web_acl, *STALE, **changed, LockToken=token)
    refuses(waf.client.delete_web_acl, *STALE, **waf.key, LockToken=token)


def test_a_web_acl_in_use_is_not_deleted(waf: Waf, elb: Elb) -> None:
    """API_DeleteWebACL.html"""
    balancer = elb.balancer()
    assert waf.acl_of(balancer) is None
    waf.associate(balancer)
    assert waf.acl_of(balancer) == waf.acl["ARN"]
    used = waf.client.list_resources_for_web_acl(WebACLArn=waf.acl["ARN"])["ResourceArns"]
    assert used == [balancer]
    delete = waf.client.delete_web_acl
    refuses(delete, *IN_USE, **waf.key, LockToken=waf.token)
    waf.client.disassociate_web_acl(ResourceArn=balancer)
    assert waf.acl_of(balancer) is None
    delete(**waf.key, LockToken=waf.token)
    refuses(waf.client.get_web_acl, *MISSING, **waf.key)


def test_an_association_ends_with_the_load_balancer(waf: Waf, elb: Elb) -> None:
    balancer = elb.balancer()
    waf.associate(balancer)
    elb.client.delete_load_balancer(LoadBalancerArn=balancer)
    waf.client.delete_web_acl(**waf.key, LockToken=waf.token)


def test_a_load_balancer_has_one_web_acl(waf: Waf, elb: Elb) -> None:
    """API_AssociateWebACL.html: a resource is associated with one web ACL only."""
    balancer = elb.balancer()
    waf.associate(balancer)
    other = waf.client.create_web_acl(**content(Name="other"))["Summary"]["ARN"]
    waf.client.associate_web_acl(WebACLArn=other, ResourceArn=balancer)
    assert waf.acl_of(balancer) == other


NOWHERE = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/no/1234567890abcdef"


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"Name": "acl"}, "WAFDuplicateItemException", "duplicate of an existing one: acl"),
        ({"Scope": "CLOUDFRONT"}, INVALID, "scope CLOUDFRONT is not offered"),
        ({"TokenDomains": ["shop.internal"]}, INVALID, "TokenDomains of CreateWebACL"),
        ({"Rules": [rule("Other")]}, INVALID, "rule group Other of AWS"),
        # API_Rule.html, OverrideAction: for rule groups, in place of an action
        ({"Rules": [rule(OverrideAction={})]}, INVALID, "has an OverrideAction and no Action"),
        ({"Rules": [rule(Action={"Block": {}})]}, INVALID, "has an OverrideAction and no Action"),
        ({"Rules": [rule(), rule(Name="other")]}, INVALID, "the same Priority"),
        ({"Rules": [rule(Statement={"GeoMatchStatement": {}})]}, INVALID, "GeoMatchStatement"),
        # API_VisibilityConfig.html: reserved metric names
        ({"VisibilityConfig": {**SHOWN, "MetricName": "All"}}, INVALID, "All is reserved"),
        (
            {"Rules": [rule(VisibilityConfig={**SHOWN, "MetricName": "Default_Action"})]},
            INVALID,
            "Default_Action is reserved",
        ),
        # limits.html: 5,000 WCU in a web ACL
        (
            {"Rules": [rule(Name=f"r{n}", Priority=n) for n in range(8)]},
            "WAFLimitsExceededException",
            "5600 WCU",
        ),
    ],
)
def test_what_is_wrong_or_not_offered_is_refused(
    waf: Waf, changes: dict[str, Any], code: str, words: str
) -> None:
    refuses(waf.client.create_web_acl, code, words, **content(**{"Name": "new", **changes}))


def test_only_load_balancers_that_exist_are_associated(waf: Waf) -> None:
    refuses(waf.associate, *MISSING, balancer=NOWHERE)
    network = NOWHERE.replace("/app/", "/net/")
    refuses(waf.associate, INVALID, "an Application Load Balancer can have one", balancer=network)


def test_tags_are_added_and_removed(waf: Waf) -> None:
    key = {"ResourceARN": waf.acl["ARN"]}
    waf.client.tag_resource(**key, Tags=[{"Key": k, "Value": "v"} for k in ("a", "b")])
    waf.client.untag_resource(**key, TagKeys=["a"])
    seen = waf.client.list_tags_for_resource(**key)["TagInfoForResource"]
    assert seen["TagList"] == [{"Key": "b", "Value": "v"}]
