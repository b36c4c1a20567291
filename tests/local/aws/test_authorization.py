from typing import Any

from tests.local.aws.support import (
    ACCOUNT,
    Client,
    grant,
    make_role,
    refusal,
    session,
    trust,
)


def test_a_role_that_does_not_trust_the_caller_is_not_assumed(client: Client) -> None:
    make_role(client, "other", trust({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole"))
    call = {"RoleArn": "arn:aws:iam::123456789012:role/other", "RoleSessionName": "me"}
    assert refusal(client("sts").assume_role, **call)[0] == "AccessDenied"


def test_a_session_may_do_what_its_role_may_and_no_more(client: Client) -> None:
    make_role(client, "reader", trust(ACCOUNT, "sts:AssumeRole"), grant("route53:List*"))
    keys = session(client, "reader")
    client("route53", *keys).list_hosted_zones()
    call = {"Name": "example.com", "CallerReference": "x"}
    code, message = refusal(client("route53", *keys).create_hosted_zone, **call)
    assert code == "AccessDenied"
    assert "not authorized to perform: route53:CreateHostedZone" in message
    assert "because no identity-based policy allows" in message


def test_conditions_on_tags_are_asked(client: Client, vpc: Any) -> None:
    condition = {"Null": {"aws:ResourceTag/mine": "false"}}
    make_role(
        client,
        "tagged",
        trust(ACCOUNT, "sts:AssumeRole"),
        grant("ec2:DeleteSecurityGroup", Condition=condition),
    )
    ec2, limited = client("ec2"), client("ec2", *session(client, "tagged"))
    groups = [
        ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc.id)["GroupId"]
        for name in ("mine", "other")
    ]
    ec2.create_tags(Resources=groups[:1], Tags=[{"Key": "mine", "Value": "yes"}])
    limited.delete_security_group(GroupId=groups[0])
    refused = refusal(limited.delete_security_group, GroupId=groups[1])
    assert refused[0] == "UnauthorizedOperation"


def test_tagging_what_is_created_needs_a_right_of_its_own(client: Client, vpc: Any) -> None:
    condition = {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}}
    document = trust(ACCOUNT, "sts:AssumeRole")
    create = grant("ec2:CreateSecurityGroup")
    make_role(client, "plain", document, create)
    make_role(client, "tagger", document, create, grant("ec2:CreateTags", Condition=condition))
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}]
    call = {"GroupName": "g", "Description": "d", "VpcId": vpc.id, "TagSpecifications": tags}
    plain = client("ec2", *session(client, "plain"))
    assert "ec2:CreateTags" in refusal(plain.create_security_group, **call)[1]
    client("ec2", *session(client, "tagger")).create_security_group(**call)


def test_tags_of_kms_are_read_by_their_own_names(client: Client) -> None:
    client("kms").create_key(Tags=[{"TagKey": "a", "TagValue": "b"}])


def test_a_sessions_key_is_nothing_without_its_token(client: Client) -> None:
    make_role(client, "reader", trust(ACCOUNT, "sts:AssumeRole"))
    key_id, secret, _ = session(client, "reader")
    call = client("sts", key_id, secret).get_caller_identity
    assert refusal(call)[0] == "InvalidClientTokenId"
