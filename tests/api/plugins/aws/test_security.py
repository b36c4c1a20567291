"""Security groups come without the rules that AWS gives them, as from the official provider."""

from typing import Any

import boto3

from tests.api.plugins.aws.engine import Engine

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
VPC = "aws:ec2/vpc:Vpc"


def rules(group: str) -> list[Any]:
    filters = [{"Name": "group-id", "Values": [group]}]
    found = boto3.client("ec2").describe_security_group_rules(Filters=filters)
    return list(found["SecurityGroupRules"])


def test_a_new_group_lets_nothing_out(engine: Engine, present: Any) -> None:
    group = engine.create(GROUP, "closed", {"vpcId": present(VPC).id})
    assert rules(group.id) == []
    engine.delete(group)


def test_the_default_group_is_emptied_and_left(engine: Engine, present: Any) -> None:
    vpc = present(VPC, "with a default group")
    assert rules(vpc.outputs["defaultSecurityGroupId"]) != []
    group = engine.create(DEFAULT_GROUP, "default", {"vpcId": vpc.id})
    assert group.id == vpc.outputs["defaultSecurityGroupId"]
    assert rules(group.id) == []
    engine.delete(group)
    assert engine.read(group).id == group.id
