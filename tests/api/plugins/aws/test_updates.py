"""Changes that the examples do not make; after each there is no difference.

Together with test_every_type.py they send every operation of the table, so that AWS's models (see
tests/unit/localcloud/plugins/aws/models.py) judge it.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from localcloud.aws.eks import offered
from localcloud.plugins.provider import PluginError
from tests.api.plugins.aws import examples
from tests.api.plugins.aws.engine import Engine, Resource, Values
from tests.api.plugins.aws.examples import EXAMPLES

ALIAS = "aws:kms/alias:Alias"
NAT = "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"
ADDON = "aws:eks/addon:Addon"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
INSTANCE = "aws:ec2/instance:Instance"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
TAGS_COME_AND_GO: list[Values] = [{"tags": {"a": "b"}}, {"tags": None}]
# https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modify-volume.html
LARGER = {"encrypted": True, "volumeType": "gp2", "volumeSize": 30}


def changed(engine: Engine, present: Any, token: str, *steps: Values, **first: Any) -> Resource:
    """Its example with `first`, after updates by `steps`, in which None removes an input."""
    inputs = {**EXAMPLES[token].inputs(present), **first}
    made = engine.create(token, f"changing-{secrets.token_hex(4)}", inputs)
    for step in steps:
        inputs = {name: each for name, each in {**inputs, **step}.items() if each is not None}
        assert engine.diff(made, inputs).replaces == []
        assert engine.diff(made, inputs).paths
        made = engine.update(made, inputs)
        assert engine.diff(engine.read(made), inputs).paths == {}
    return made


@pytest.mark.parametrize(
    ("token", "steps"),
    [
        (examples.VPC, [{"tags": None}]),
        (
            examples.ROLE,
            [{"permissionsBoundary": examples.OTHER_POLICY}, {"permissionsBoundary": None}],
        ),
        (LOGS, TAGS_COME_AND_GO),
        (examples.POLICY, TAGS_COME_AND_GO),
        (
            examples.KEY,
            [
                {"policy": json.dumps({**json.loads(examples.KEY_POLICY), "Id": "own"})},
                {"isEnabled": False, "tags": {"a": "b"}},
                {"isEnabled": True, "tags": None},
            ],
        ),
        (
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            [{"thumbprintLists": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]}],
        ),
        (INSTANCE, [{"instanceType": "t3.small"}, examples.HOP, {"rootBlockDevice": LARGER}]),
    ],
)
def test_it_changes_in_place(engine: Engine, present: Any, token: str, steps: list[Values]) -> None:
    engine.delete(changed(engine, present, token, *steps))


def role(made: Any) -> str:
    return str(made(examples.ROLE, "other", assumeRolePolicy=examples.POD_TRUST).outputs["arn"])


NONE: Values = {"iamInstanceProfile": None}


def profile(made: Any, which: str) -> Values:
    return {"iamInstanceProfile": made(examples.PROFILE, which).outputs["name"]}


@pytest.mark.parametrize(
    ("token", "first", "steps"),
    [
        (INSTANCE, {}, lambda made: [{"vpcSecurityGroupIds": [made(examples.GROUP, "other").id]}]),
        # As in the official provider, this needs no new instance.
        (INSTANCE, {}, lambda made: [NONE, profile(made, "other"), profile(made, "needed")]),
        (ALIAS, {}, lambda made: [{"targetKeyId": made(examples.KEY, "other").id}]),
        (
            ROUTE,
            {"destinationCidrBlock": "198.51.100.0/24"},
            lambda made: [{"gatewayId": None, "natGatewayId": made(NAT).id}],
        ),
        (
            ASSOCIATION,
            {"namespace": "changing"},
            lambda made: [{"roleArn": role(made)}, *TAGS_COME_AND_GO],
        ),
        (
            ADDON,
            {"addonName": "kube-proxy"},
            lambda made: [{"serviceAccountRoleArn": role(made)}],
        ),
    ],
)
def test_it_changes_what_it_refers_to(
    engine: Engine, present: Any, token: str, first: Values, steps: Callable[[Any], list[Values]]
) -> None:
    engine.delete(changed(engine, present, token, *steps(present), **first))


def test_a_log_group_gets_a_key(engine: Engine, present: Any) -> None:
    key = {"kmsKeyId": present(examples.KEY).outputs["arn"]}
    engine.delete(changed(engine, present, LOGS, key, name="/without-key", kmsKeyId=None))


def test_an_endpoint_changes_its_subnets_and_groups(engine: Engine, present: Any) -> None:
    two = {"subnetIds": examples._subnets(present)}
    groups = {"securityGroupIds": [present(examples.GROUP, "other").id]}
    engine.delete(changed(engine, present, "aws:ec2/vpcEndpoint:VpcEndpoint", two, groups))


def test_a_node_group_rolls_to_a_launch_template_version_and_back(
    engine: Engine, present: Any
) -> None:
    """And to a newer release."""
    template = present(examples.TEMPLATE, "rolled")
    disk = {"deviceName": "/dev/xvda", "ebs": {"volumeSize": 30}}
    engine.update(template, {**template.inputs, "blockDeviceMappings": [disk]})
    first, *steps = (Values(launchTemplate={"id": template.id, "version": v}) for v in "121")
    newest, older = offered.releases("1.35")
    release, first = {"releaseVersion": newest}, {**first, "releaseVersion": older}
    engine.delete(changed(engine, present, "aws:eks/nodeGroup:NodeGroup", release, *steps, **first))


def test_versions_are_asked_for_and_refused(engine: Engine, present: Any) -> None:
    cluster = present(examples.CLUSTER, "needed", name="needed")
    older = {"version": "1.34"}
    before = replace(
        cluster, inputs={**cluster.inputs, **older}, outputs={**cluster.outputs, **older}
    )
    with pytest.raises(PluginError, match="UpdateClusterVersion: InvalidParameterException"):
        engine.update(before, cluster.inputs)
    group = present("aws:eks/nodeGroup:NodeGroup")
    template = {**group.inputs["launchTemplate"], "version": "7"}
    with pytest.raises(PluginError, match="UpdateNodegroupVersion: InvalidParameterException"):
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
