"""Changes that the examples do not make; after each there is no difference.

Together with test_every_type.py they send every operation of the table, so that AWS's models (see
tests/unit/localcloud/plugins/aws/models.py) judge it.
"""

import json
import secrets
from dataclasses import replace
from typing import Any

import grpc
import pytest

from tests.api.plugins.aws import examples
from tests.api.plugins.aws.engine import Engine, Resource, Values
from tests.api.plugins.aws.examples import EXAMPLES

INSTANCE = "aws:ec2/instance:Instance"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
OTHER_ROLE = {"assumeRolePolicy": examples._POD_TRUST}


def changed(engine: Engine, present: Any, token: str, *steps: Values, **first: Any) -> Resource:
    """Its example with `first`, after updates by `steps`, in which None removes an input."""
    inputs = {**EXAMPLES[token].inputs(present), **first}
    made = engine.create(token, f"changing-{secrets.token_hex(4)}", inputs)
    for step in steps:
        inputs = {name: each for name, each in {**inputs, **step}.items() if each is not None}
        assert engine.diff(made, inputs).replaces == []
        assert engine.diff(made, inputs).paths
        made = engine.update(made, inputs)
        assert engine.diff(engine.refresh(made), inputs).paths == {}
    return made


@pytest.mark.parametrize(
    ("token", "steps"),
    [
        (examples.VPC, [{"tags": None}]),
        (
            examples.ROLE,
            [{"permissionsBoundary": examples._OTHER_ARN}, {"permissionsBoundary": None}],
        ),
        (LOGS, [{"tags": {"a": "b"}}, {"tags": None}]),
        (examples.POLICY, [{"tags": {"a": "b"}}, {"tags": None}]),
        (
            examples.KEY,
            [
                {"policy": json.dumps({**examples._KEY_POLICY, "Id": "own"})},
                {"isEnabled": False, "tags": {"a": "b"}},
                {"isEnabled": True, "tags": None},
            ],
        ),
        (
            INSTANCE,
            [
                {"instanceType": "t3.small"},
                {"metadataOptions": {**examples._METADATA, "httpPutResponseHopLimit": 2}},
            ],
        ),
        (
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            [{"thumbprintLists": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]}],
        ),
    ],
)
def test_it_changes_in_place(engine: Engine, present: Any, token: str, steps: list[Values]) -> None:
    engine.delete(changed(engine, present, token, *steps))


def test_an_instance_changes_its_profile(engine: Engine, present: Any) -> None:
    """As in the official provider: such a change needs no new instance."""
    other = {"iamInstanceProfile": present(examples.PROFILE, "other").outputs["name"]}
    none = {"iamInstanceProfile": None}
    engine.delete(changed(engine, present, INSTANCE, none, other))
    first = {"iamInstanceProfile": present(examples.PROFILE).outputs["name"]}
    engine.delete(changed(engine, present, INSTANCE, other, first))


def test_an_instance_changes_its_root_volume(engine: Engine, present: Any) -> None:
    """https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modify-volume.html"""
    larger = {"encrypted": True, "volumeType": "gp2", "volumeSize": 30}
    made = changed(engine, present, INSTANCE, {"rootBlockDevice": larger})
    assert made.outputs["rootBlockDevice"]["volumeSize"] == 30
    engine.delete(made)


def test_an_instance_changes_its_groups(engine: Engine, present: Any) -> None:
    groups = {"vpcSecurityGroupIds": [present(examples.GROUP, "other").id]}
    engine.delete(changed(engine, present, INSTANCE, groups))


def test_a_log_group_gets_a_key(engine: Engine, present: Any) -> None:
    key = {"kmsKeyId": present(examples.KEY).outputs["arn"]}
    engine.delete(changed(engine, present, LOGS, key, name="/without-key", kmsKeyId=None))


def test_an_alias_changes_its_key(engine: Engine, present: Any) -> None:
    other = {"targetKeyId": present(examples.KEY, "other").id}
    engine.delete(changed(engine, present, "aws:kms/alias:Alias", other))


def test_a_route_changes_its_target(engine: Engine, present: Any) -> None:
    nat = present("aws:ec2/natGateway:NatGateway")
    steps = {"gatewayId": None, "natGatewayId": nat.id}
    first = {"destinationCidrBlock": "198.51.100.0/24"}
    engine.delete(changed(engine, present, "aws:ec2/route:Route", steps, **first))


def test_an_association_changes_its_role(engine: Engine, present: Any) -> None:
    role = present(examples.ROLE, "other-of-pod", **OTHER_ROLE).outputs["arn"]
    steps = ({"roleArn": role, "tags": {"a": "b"}}, {"tags": None})
    token = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
    engine.delete(changed(engine, present, token, *steps, namespace="changing"))


def test_an_add_on_changes_its_configuration(engine: Engine, present: Any) -> None:
    role = present(examples.ROLE, "of-add-on", **OTHER_ROLE).outputs["arn"]
    token = "aws:eks/addon:Addon"
    engine.delete(
        changed(engine, present, token, {"serviceAccountRoleArn": role}, addonName="kube-proxy")
    )


def test_versions_are_asked_for_and_refused(engine: Engine, present: Any) -> None:
    cluster = present(examples.CLUSTER, "needed", name="needed")
    older = {"version": "1.34"}
    before = replace(
        cluster, inputs={**cluster.inputs, **older}, outputs={**cluster.outputs, **older}
    )
    with pytest.raises(grpc.RpcError, match="UpdateClusterVersion: InvalidParameterException"):
        engine.update(before, cluster.inputs)
    group = present("aws:eks/nodeGroup:NodeGroup")
    template = {**group.inputs["launchTemplate"], "version": "7"}
    with pytest.raises(grpc.RpcError, match="UpdateNodegroupVersion: InvalidParameterException"):
        engine.update(group, {**group.inputs, "launchTemplate": template})


def test_a_clusters_subnets_change_in_place(engine: Engine, present: Any) -> None:
    """https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html"""
    cluster = present(examples.CLUSTER, "of-subnets", name="of-subnets")
    config = cluster.inputs["vpcConfig"]
    more = present(examples.SUBNET, "of-cluster", cidrBlock="10.0.110.0/24").id
    news = {**cluster.inputs, "vpcConfig": {**config, "subnetIds": [*config["subnetIds"], more]}}
    assert engine.diff(cluster, news).replaces == []
    changed = engine.update(cluster, news)
    assert more in changed.outputs["vpcConfig"]["subnetIds"]


def test_a_clusters_endpoint_changes_in_place(engine: Engine, present: Any) -> None:
    cluster = present(examples.CLUSTER, "of-endpoint", name="of-endpoint")
    config = {**cluster.inputs["vpcConfig"], "endpointPrivateAccess": False}
    changed = engine.update(cluster, {**cluster.inputs, "vpcConfig": config})
    assert changed.outputs["vpcConfig"]["endpointPrivateAccess"] is False
