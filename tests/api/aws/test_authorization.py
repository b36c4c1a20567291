import pytest

from tests.api.aws.support import (
    IAM,
    Client,
    Vpc,
    document,
    grant,
    keys_of,
    make_role,
    refusal,
    refuses,
    session,
    trust,
    trusted,
    with_boundary,
)

DENY = document({"Effect": "Deny", "Action": "route53:List*", "Resource": "*"})


def test_a_role_that_does_not_trust_the_caller_is_not_assumed(client: Client) -> None:
    make_role(client, "other", trust=trusted("ec2"))
    call = {"RoleArn": f"{IAM}:role/other", "RoleSessionName": "me"}
    assert refusal(client("sts").assume_role, **call)[0] == "AccessDenied"


def test_a_session_may_do_what_its_role_may_and_no_more(client: Client) -> None:
    make_role(client, "reader", grant("route53:List*"))
    limited = client("route53", *session(client, "reader"))
    limited.list_hosted_zones()
    call = {"Name": "example.com", "CallerReference": "x"}
    code, message = refusal(limited.create_hosted_zone, **call)
    assert code == "AccessDenied"
    assert "not authorized to perform: route53:CreateHostedZone" in message
    assert "because no identity-based policy allows" in message


@pytest.mark.parametrize(
    ("policy", "boundary", "of_session", "words"),
    [
        (DENY, None, None, "with an explicit deny in an identity-based policy"),
        (None, grant("ec2:*"), None, "because no permissions boundary allows the route53:List"),
        (None, DENY, None, "with an explicit deny in a permissions boundary"),
        (None, None, grant("ec2:*"), "because no session policy allows the route53:ListHosted"),
        (None, DENY, grant("ec2:*"), "with an explicit deny in a permissions boundary"),
    ],
)
def test_a_refusal_names_the_kind_of_policy(
    client: Client, policy: str | None, boundary: str | None, of_session: str | None, words: str
) -> None:
    """docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""
    arn = make_role(client, "reader", grant("route53:List*"), *([policy] if policy else []))
    if boundary:
        with_boundary(client, "reader", boundary)
    limit = {"Policy": of_session} if of_session else {}
    keys = keys_of(client("sts").assume_role(RoleArn=arn, RoleSessionName="me", **limit))
    refuses(client("route53", *keys).list_hosted_zones, "AccessDenied", words)


@pytest.mark.parametrize("caller", [f"{IAM}:root", f"{IAM}:role/reader"])
def test_a_boundary_limits_which_roles_are_assumed(client: Client, caller: str) -> None:
    """docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"""
    make_role(client, "reader", grant("sts:AssumeRole"))
    other = make_role(client, "other", trust=trust({"AWS": caller}, "sts:AssumeRole"))
    limited = client("sts", *session(client, "reader"))
    limited.assume_role(RoleArn=other, RoleSessionName="me")
    with_boundary(client, "reader", grant("route53:List*"))
    refuses(limited.assume_role, "AccessDenied", other, RoleArn=other, RoleSessionName="me")


def test_a_boundary_does_not_limit_a_session_that_is_trusted_itself(client: Client) -> None:
    make_role(client, "reader")
    of_session = "arn:aws:sts::123456789012:assumed-role/reader/me@x"
    other = make_role(client, "other", trust=trust({"AWS": of_session}, "sts:AssumeRole"))
    with_boundary(client, "reader", grant("route53:List*"))
    client("sts", *session(client, "reader")).assume_role(RoleArn=other, RoleSessionName="me")


def test_conditions_on_tags_are_asked(client: Client, vpc: Vpc) -> None:
    condition = {"Null": {"aws:ResourceTag/mine": "false"}}
    make_role(client, "tagged", grant("ec2:DeleteSecurityGroup", Condition=condition))
    limited = client("ec2", *session(client, "tagged"))
    mine, other = vpc.security_groups("mine", "other")
    vpc.ec2.create_tags(Resources=[mine], Tags=[{"Key": "mine", "Value": "yes"}])
    limited.delete_security_group(GroupId=mine)
    assert refusal(limited.delete_security_group, GroupId=other)[0] == "UnauthorizedOperation"


def test_tagging_what_is_created_needs_a_right_of_its_own(client: Client, vpc: Vpc) -> None:
    condition = {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}}
    create = grant("ec2:CreateSecurityGroup")
    make_role(client, "plain", create)
    make_role(client, "tagger", create, grant("ec2:CreateTags", Condition=condition))
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}]
    call = {"GroupName": "g", "Description": "d", "VpcId": vpc.id, "TagSpecifications": tags}
    plain, tagger = (client("ec2", *session(client, name)) for name in ("plain", "tagger"))
    assert "ec2:CreateTags" in refusal(plain.create_security_group, **call)[1]
    tagger.create_security_group(**call)


def test_tags_of_kms_are_read_by_their_own_names(client: Client) -> None:
    condition = {"StringEquals": {"aws:RequestTag/team": "a"}}
    make_role(client, "creator", grant("kms:*", Condition=condition))
    kms = client("kms", *session(client, "creator"))
    kms.create_key(Tags=[{"TagKey": "team", "TagValue": "a"}])
    other = [{"TagKey": "team", "TagValue": "b"}]
    assert refusal(kms.create_key, Tags=other)[0] == "AccessDeniedException"


def test_a_sessions_key_is_nothing_without_its_token(client: Client) -> None:
    make_role(client, "reader")
    key_id, secret, _ = session(client, "reader")
    call = client("sts", key_id, secret).get_caller_identity
    assert refusal(call)[0] == "InvalidClientTokenId"
