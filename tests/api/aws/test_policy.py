from typing import Any

import pytest

from localcloud.aws.errors import AwsError
from localcloud.aws.iam import policy
from localcloud.aws.iam.policy import PermissionRequest
from tests.api.aws.support import document

SG = "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1"
SGS, INSTANCES = "arn:aws:ec2:*:*:security-group/*", "arn:aws:ec2:*:*:instance/*"


def statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """On any action and resource unless `more` says which."""
    action = {} if "NotAction" in more else {"Action": "*"}
    resource = {} if "NotResource" in more else {"Resource": "*"}
    return {"Effect": effect, **action, **resource, **more}


def evaluate(asked: PermissionRequest, *statements: dict[str, Any]) -> str:
    """What a policy of these statements says."""
    return str(policy.evaluate([document(*statements)], asked))


VPCS, ON_SG = PermissionRequest("ec2:DescribeVpcs"), PermissionRequest("ec2:X", (SG,))


@pytest.mark.parametrize(
    ("more", "asked", "expected"),
    [
        ({"Action": "ec2:Describe*"}, VPCS, "allowed"),
        ({"Action": "EC2:describe*"}, VPCS, "allowed"),
        ({"Action": ["s3:*", "ec2:Describe?pcs"]}, VPCS, "allowed"),
        ({"Action": "ec2:Describe"}, VPCS, "not allowed"),
        ({"NotAction": "iam:*"}, VPCS, "allowed"),
        ({"NotAction": "iam:*"}, PermissionRequest("iam:GetUser"), "not allowed"),
        ({"Resource": SGS}, ON_SG, "allowed"),
        ({"Resource": INSTANCES}, ON_SG, "not allowed"),
        ({"NotResource": "*:instance/*"}, ON_SG, "allowed"),
        ({"NotResource": "*security-group*"}, ON_SG, "not allowed"),
        ({"Resource": INSTANCES}, PermissionRequest("ec2:X", (policy.UNKNOWN,)), "allowed"),
        (
            {"Resource": SG},
            PermissionRequest("ec2:X", (SG, SG.replace("sg-1", "sg-2"))),
            "not allowed",
        ),
    ],
    ids=str,
)
def test_a_statement_allows(more: dict[str, Any], asked: PermissionRequest, expected: str) -> None:
    assert evaluate(asked, statement(**more)) == expected


@pytest.mark.parametrize(
    ("denied", "asked", "expected"),
    [
        ({"Action": "ec2:Delete*"}, PermissionRequest("ec2:DeleteVpc"), "denied"),
        ({"Action": "ec2:Delete*"}, PermissionRequest("ec2:CreateVpc"), "allowed"),
        ({"Resource": SG}, ON_SG, "denied"),
        ({"Resource": SG}, PermissionRequest("ec2:X"), "allowed"),  # an unknown resource
    ],
)
def test_a_deny_wins_where_it_holds(
    denied: dict[str, str], asked: PermissionRequest, expected: str
) -> None:
    allow, deny = statement(), statement("Deny", **denied)
    assert policy.evaluate([document(allow), document(deny)], asked) == expected
    assert evaluate(asked, allow, deny) == expected


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
        ({"Null": {"k": "false"}, "StringEquals": {"k": "system"}}, "allowed"),
        ({"Null": {"k": "false"}, "StringEquals": {"k": "other"}}, "not allowed"),
        ({"Null": {"k": "true"}, "StringEquals": {"k": "system"}}, "not allowed"),
        ({"StringEquals": {"k": "system", "n": "6"}}, "not allowed"),
        ({"ArnLike": {"k": "sys*m"}}, "allowed"),
        ({"StringEquals": {"k": "${copy}"}}, "allowed"),
    ],
    ids=str,
)
def test_condition_operators(condition: dict[str, Any], expected: str) -> None:
    many, number = {"many": ("a", "b")}, {"n": ("5",), "yes": ("true",)}
    context = {"k": ("system",), "copy": ("system",), **number, **many}
    assert (
        evaluate(PermissionRequest("a:B", context=context), statement(Condition=condition))
        == expected
    )


def test_an_operator_that_is_not_implemented_refuses_by_name() -> None:
    asked = PermissionRequest("a:B", context={"aws:sourceip": ("1.1.1.1",)})
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    with pytest.raises(AwsError, match="operator IpAddress is not offered"):
        evaluate(asked, statement(Condition=condition))


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
    given = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    asked = PermissionRequest("sts:AssumeRole", (), {}, frozenset({"ec2.amazonaws.com"}))
    assert policy.evaluate_resource_policy(document(given), asked) == expected
