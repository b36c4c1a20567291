import json
from typing import Any

import pytest

from localcloud.aws.errors import AwsError
from localcloud.aws.iam import policy
from localcloud.aws.iam.policy import Ask

SG = "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1"
CLUSTER = "elbv2.k8s.aws/cluster"
# The shape of the load balancer controller's own statement about tags on creation.
ON_CREATION = {
    "Effect": "Allow",
    "Action": ["ec2:CreateTags"],
    "Resource": "arn:aws:ec2:*:*:security-group/*",
    "Condition": {
        "StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"},
        "Null": {f"aws:RequestTag/{CLUSTER}": "false"},
    },
}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **more}


@pytest.mark.parametrize(
    ("statement", "action", "expected"),
    [
        (allow(Action="ec2:Describe*"), "ec2:DescribeVpcs", "allowed"),
        (allow(Action="EC2:describe*"), "ec2:DescribeVpcs", "allowed"),
        (allow(Action=["s3:*", "ec2:Describe?pcs"]), "ec2:DescribeVpcs", "allowed"),
        (allow(Action="ec2:Describe"), "ec2:DescribeVpcs", "not allowed"),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "ec2:RunInstances", "allowed"),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "iam:GetUser", "not allowed"),
    ],
)
def test_actions(statement: dict[str, Any], action: str, expected: str) -> None:
    assert policy.evaluate([document(statement)], Ask(action)) == expected


@pytest.mark.parametrize(
    ("statement", "resource", "expected"),
    [
        (allow(Resource="arn:aws:ec2:*:*:security-group/*"), SG, "allowed"),
        (allow(Resource="arn:aws:ec2:*:*:instance/*"), SG, "not allowed"),
        ({"Effect": "Allow", "Action": "*", "NotResource": "*:instance/*"}, SG, "allowed"),
        ({"Effect": "Allow", "Action": "*", "NotResource": "*security-group*"}, SG, "not allowed"),
        (allow(Resource="arn:aws:ec2:*:*:instance/*"), policy.UNKNOWN, "allowed"),
    ],
)
def test_resources(statement: dict[str, Any], resource: str, expected: str) -> None:
    assert policy.evaluate([document(statement)], Ask("ec2:X", (resource,))) == expected


def test_a_deny_wins() -> None:
    deny = {"Effect": "Deny", "Action": "ec2:Delete*", "Resource": "*"}
    documents = [document(allow()), document(deny)]
    assert policy.evaluate(documents, Ask("ec2:DeleteVpc")) == "denied"
    assert policy.evaluate(documents, Ask("ec2:CreateVpc")) == "allowed"


def test_a_deny_of_one_resource_leaves_an_unknown_one_alone() -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": SG}
    assert policy.evaluate([document(allow(), deny)], Ask("ec2:X")) == "allowed"
    assert policy.evaluate([document(allow(), deny)], Ask("ec2:X", (SG,))) == "denied"


def test_every_resource_must_be_allowed() -> None:
    asked = Ask("ec2:X", (SG, SG.replace("sg-1", "sg-2")))
    assert policy.evaluate([document(allow(Resource=SG))], asked) == "not allowed"


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"ec2:createaction": ("CreateSecurityGroup",)}, "not allowed"),
        ({f"aws:requesttag/{CLUSTER}": ("one",)}, "not allowed"),
        (
            {
                "ec2:createaction": ("CreateSecurityGroup",),
                f"aws:requesttag/{CLUSTER}": ("one",),
            },
            "allowed",
        ),
        (
            {"ec2:createaction": ("CreateVpc",), f"aws:requesttag/{CLUSTER}": ("one",)},
            "not allowed",
        ),
    ],
)
def test_the_controllers_condition(context: dict[str, tuple[str, ...]], expected: str) -> None:
    asked = Ask("ec2:CreateTags", (SG,), context)
    assert policy.evaluate([document(ON_CREATION)], asked) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringLike": {"k": "sys*"}}, "allowed"),
        ({"StringEquals": {"k": ["a", "system"]}}, "allowed"),
        ({"StringEquals": {"K": "System"}}, "not allowed"),
        ({"StringEqualsIgnoreCase": {"K": "System"}}, "allowed"),
        ({"StringNotEquals": {"k": "system"}}, "not allowed"),
        ({"StringNotEquals": {"other": "system"}}, "allowed"),
        ({"StringEquals": {"other": "system"}}, "not allowed"),
        ({"StringEqualsIfExists": {"other": "system"}}, "allowed"),
        ({"ForAnyValue:StringEquals": {"many": "b"}}, "allowed"),
        ({"ForAllValues:StringEquals": {"many": "b"}}, "not allowed"),
        ({"ForAllValues:StringEquals": {"many": ["a", "b"]}}, "allowed"),
        ({"NumericLessThan": {"n": "6"}}, "allowed"),
        ({"NumericGreaterThan": {"n": 6}}, "not allowed"),
        ({"Bool": {"yes": True}}, "allowed"),
        ({"Null": {"k": True}}, "not allowed"),
        ({"ArnLike": {"k": "sys*m"}}, "allowed"),
        ({"StringEquals": {"k": "${copy}"}}, "allowed"),
    ],
)
def test_condition_operators(condition: dict[str, Any], expected: str) -> None:
    context = {
        "k": ("system",),
        "many": ("a", "b"),
        "n": ("5",),
        "yes": ("true",),
        "copy": ("system",),
    }
    statement = allow(Condition=condition)
    assert policy.evaluate([document(statement)], Ask("a:B", context=context)) == expected


def test_an_operator_that_is_not_implemented_refuses_by_name() -> None:
    statement = allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    with pytest.raises(AwsError, match="operator IpAddress is not offered"):
        policy.evaluate([document(statement)], Ask("a:B", context={"aws:sourceip": ("1.1.1.1",)}))


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"Service": "ec2.amazonaws.com"}, "allowed"),
        ({"Service": ["eks.amazonaws.com", "ec2.amazonaws.com"]}, "allowed"),
        ({"Service": "eks.amazonaws.com"}, "not allowed"),
        ("*", "allowed"),
    ],
)
def test_trust_names_principals(principal: Any, expected: str) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    asked = Ask("sts:AssumeRole", (), {}, frozenset({"ec2.amazonaws.com"}))
    assert policy.trusts(document(statement), asked) == expected
