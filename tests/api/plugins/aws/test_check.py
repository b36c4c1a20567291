"""Check reports failures by property, and adds defaults and automatic names."""

import re
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.values import UNKNOWN, Secret, to_struct
from tests.api.plugins.aws.engine import Engine, Refused, Resource

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROLE = "aws:iam/role:Role"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
TRUST = '{"Version": "2012-10-17", "Statement": []}'


@pytest.fixture(scope="module")
def engine() -> Any:
    with Engine(region="eu-west-1") as engine:
        yield engine


@pytest.mark.parametrize(
    ("token", "inputs", "path", "reason"),
    [
        (VPC, {}, "cidrBlock", "is required"),
        (VPC, {"cidrBlock": "10.0.0.1/16"}, "cidrBlock", "has host bits set"),
        (VPC, {"cidrBlock": 10}, "cidrBlock", "expected a string, got 10"),
        (VPC, {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": "yes"}, "enableDnsSupport", "true"),
        (VPC, {"cidrBlock": "10.0.0.0/16", "cidrBlok": "x"}, "cidrBlok", "did you mean cidrBlock"),
        (VPC, {"cidrBlock": "10.0.0.0/16", "ipv6CidrBlock": "x"}, "ipv6CidrBlock", "not a proper"),
        (VPC, {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "x"}, "instanceTenancy", "one of"),
        (VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": 1}}, 'tags["a"]', "expected a string"),
        (ROLE, {"assumeRolePolicy": "{"}, "assumeRolePolicy", "is not JSON"),
        (ROLE, {"assumeRolePolicy": TRUST, "maxSessionDuration": 1}, "maxSessionDuration", "from"),
        (LOGS, {"retentionInDays": 2}, "retentionInDays", "must be one of 0, 1, 3"),
        (TEMPLATE, {"metadataOptions": {"x": 1}}, "metadataOptions.x", "is not a property"),
        (
            TEMPLATE,
            {"blockDeviceMappings": [{"ebs": {"encrypted": "maybe"}}]},
            "blockDeviceMappings[0].ebs.encrypted",
            'must be "true" or "false"',
        ),
    ],
)
def test_a_bad_input_is_refused_by_its_path(
    engine: Engine, token: str, inputs: dict[str, Any], path: str, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        engine.check(token, "a", inputs)
    assert list(refused.value.reasons) == [path]
    assert reason in refused.value.reasons[path]


ARN = "arn:aws:iam::123456789012:role/r"
CLUSTER = {"roleArn": ARN, "vpcConfig": {"subnetIds": [UNKNOWN]}}
GROUP = {"clusterName": "c", "nodeRoleArn": UNKNOWN, "subnetIds": UNKNOWN, "scalingConfig": UNKNOWN}
ADDON = {"clusterName": "c", "addonName": "coredns"}


@pytest.mark.parametrize(
    ("name", "inputs", "path", "reason"),
    [
        ("cluster", {**CLUSTER, "version": "1.36"}, "version", "Kubernetes 1.36"),
        (
            "cluster",
            {**CLUSTER, "vpcConfig": {"subnetIds": UNKNOWN, "publicAccessCidrs": ["1.0.0.0/8"]}},
            "vpcConfig",
            "publicAccessCidrs 1.0.0.0/8",
        ),
        (
            "cluster",
            {**CLUSTER, "accessConfig": {"authenticationMode": "CONFIG_MAP"}},
            "accessConfig",
            "the authentication mode CONFIG_MAP",
        ),
        (
            "cluster",
            {**CLUSTER, "kubernetesNetworkConfig": {"ipFamily": "ipv6"}},
            "kubernetesNetworkConfig",
            "the IP family ipv6",
        ),
        ("nodeGroup", {**GROUP, "version": "1.34"}, "version", "Kubernetes 1.34"),
        ("nodeGroup", {**GROUP, "capacityType": "SPOT"}, "capacityType", "SPOT"),
        ("nodeGroup", {**GROUP, "amiType": "AL2023_ARM_64_STANDARD"}, "amiType", "AL2023_ARM"),
        ("nodeGroup", {**GROUP, "instanceTypes": ["a", "b"]}, "instanceTypes", "more than one"),
        ("addon", {**ADDON, "addonName": "x", "addonVersion": "v1"}, "addonName", "the add-on x"),
        ("addon", {**ADDON, "addonVersion": "v1"}, "addonVersion", "coredns v1"),
        (
            "addon",
            {**ADDON, "configurationValues": '{"autoScaling": {}}'},
            "configurationValues",
            "coredns autoScaling: not implemented",
        ),
        ("addon", {**ADDON, "preserve": True}, "preserve", "preserve of DeleteAddon"),
    ],
)
def test_what_the_local_cloud_does_not_offer_is_refused_by_check(
    engine: Engine, name: str, inputs: dict[str, Any], path: str, reason: str
) -> None:
    """A preview refuses it, before anything is made."""
    with pytest.raises(Refused) as refused:
        engine.check(f"aws:eks/{name}:{name[0].upper()}{name[1:]}", "a", inputs)
    assert list(refused.value.reasons) == [path]
    assert reason in refused.value.reasons[path]


def test_what_is_offered_or_not_known_yet_passes(engine: Engine) -> None:
    cluster = "aws:eks/cluster:Cluster"
    engine.check(cluster, "a", {**CLUSTER, "version": "1.35", "enabledClusterLogTypes": []})
    unknown = {"version": UNKNOWN, "enabledClusterLogTypes": [UNKNOWN], "accessConfig": UNKNOWN}
    engine.check(cluster, "a", {**CLUSTER, **unknown})
    engine.check("aws:eks/addon:Addon", "a", {**ADDON, "addonName": UNKNOWN, "addonVersion": "v1"})


def test_unknown_values_are_not_judged(engine: Engine) -> None:
    given = {"vpcId": UNKNOWN, "cidrBlock": UNKNOWN, "tags": {"a": UNKNOWN}}
    assert engine.check(SUBNET, "a", given) == {**given, "mapPublicIpOnLaunch": False}


def test_a_name_that_is_made_up_obeys_the_rule_of_names(engine: Engine) -> None:
    with pytest.raises(Refused) as refused:
        engine.check(ROLE, "two words", {"assumeRolePolicy": TRUST})
    assert "must be letters, digits and +=,.@-_" in refused.value.reasons["name"]


def test_secrets_stay_secret(engine: Engine) -> None:
    given = {"cidrBlock": Secret("10.0.0.0/16"), "tags": {"a": Secret("b")}}
    checked = engine.check(VPC, "a", given)
    assert {name: checked[name] for name in given} == given
    with pytest.raises(Refused, match="is required"):
        engine.check(SUBNET, "a", {"vpcId": Secret("vpc-1")})


def test_outputs_are_as_secret_as_their_inputs(engine: Engine) -> None:
    given = {"cidrBlock": "10.0.0.0/16", "tags": {"a": Secret("b")}}
    assert engine.create(VPC, "a", given, preview=True).outputs["tags"] == {"a": Secret("b")}


def test_a_type_it_does_not_have_is_refused_by_name(engine: Engine) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        engine.check("aws:sqs/queue:Queue", "a", {})
    assert refused.value.details() == (
        "aws:sqs/queue:Queue is not in the local cloud: see docs/localcloud.md, how to add a type"
    )
    with pytest.raises(grpc.RpcError) as refused:
        engine.check("aws:ec2/vcp:Vpc", "a", {})
    assert "(did you mean aws:ec2/vpc:Vpc?)" in str(refused.value.details())


def test_a_function_it_does_not_have_is_refused_by_name(engine: Engine) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        engine.invoke("aws:s3/getBucket:getBucket", {})
    assert "aws:s3/getBucket:getBucket is not in the local cloud" in str(refused.value.details())
    with pytest.raises(Refused, match="did you mean filters"):
        engine.invoke("aws:ec2/getAmi:getAmi", {"filter": []})


def test_a_name_is_made_up_once(engine: Engine) -> None:
    first = engine.check(ROLE, "node", {"assumeRolePolicy": TRUST})
    assert re.fullmatch("node-[0-9a-f]{7}", first["name"])
    assert engine.check(ROLE, "node", {"assumeRolePolicy": TRUST}, first) == first
    other = engine.check(ROLE, "node", {"assumeRolePolicy": TRUST})
    assert other["name"] != first["name"]


def test_a_name_of_the_program_is_not_kept_when_it_is_dropped(engine: Engine) -> None:
    old = {"assumeRolePolicy": TRUST, "name": "mine"}
    assert engine.check(ROLE, "node", {"assumeRolePolicy": TRUST}, old)["name"] != "mine"


def test_a_name_may_start_with_a_prefix(engine: Engine) -> None:
    checked = engine.check(ROLE, "node", {"assumeRolePolicy": TRUST, "namePrefix": "x" * 80})
    assert re.fullmatch("x{57}[0-9a-f]{7}", checked["name"])


@pytest.mark.parametrize(
    ("config", "path", "reason"),
    [
        ({"region": "eu-west-1", "accessKey": "x"}, "accessKey", "is not a property"),
        (
            {"region": "eu-west-1", "defaultTags": '{"tag": {}}'},
            "defaultTags.tag",
            "did you mean tags",
        ),
        (
            {"region": "eu-west-1", "defaultTags": '{"tags": {"a": 1}}'},
            'defaultTags.tags["a"]',
            "expected a string, got 1",
        ),
        ({}, "region", "set aws:region"),
    ],
)
def test_bad_configuration_is_refused_by_name(
    engine: Engine,
    config: dict[str, Any],
    path: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    response = engine.stub.CheckConfig(provider_pb2.CheckRequest(news=to_struct(config)))
    (failure,) = response.failures
    assert failure.property == path
    assert reason in failure.reason


@pytest.mark.parametrize(
    ("old", "new", "paths", "replaces", "first"),
    [
        ({"tags": {"a": "b"}}, {"tags": {"a": "c"}}, {"tags.a": "UPDATE"}, [], False),
        ({"tags": {"a": "b"}}, {}, {"tags": "DELETE"}, [], False),
        ({}, {"cidrBlock": "10.1.0.0/16"}, {"cidrBlock": "UPDATE_REPLACE"}, ["cidrBlock"], False),
        ({}, {"cidrBlock": UNKNOWN}, {"cidrBlock": "UPDATE_REPLACE"}, ["cidrBlock"], False),
        ({"instanceTenancy": "default"}, {}, {}, [], False),
        ({"enableDnsSupport": True}, {}, {}, [], False),
        ({"region": "eu-west-1"}, {"region": "eu-west-2"}, {"region": "UPDATE_REPLACE"}, ["region"],
         False),
    ],
)  # fmt: skip
def test_a_diff_tells_update_from_replace(
    engine: Engine,
    old: dict[str, Any],
    new: dict[str, Any],
    paths: dict[str, str],
    replaces: list[str],
    first: bool,
) -> None:
    base = {"cidrBlock": "10.0.0.0/16"}
    state = Resource(VPC, "net", "vpc-1", engine.check(VPC, "net", {**base, **old}), {})
    diff = engine.diff(state, {**base, **new})
    assert (diff.paths, diff.replaces, diff.delete_first) == (paths, replaces, first)


def test_what_cannot_stand_beside_its_replacement_is_deleted_first(engine: Engine) -> None:
    given = {"assumeRolePolicy": TRUST}
    automatic = Resource(ROLE, "node", "x", engine.check(ROLE, "node", given), {})
    named = Resource(ROLE, "node", "x", engine.check(ROLE, "node", {**given, "name": "x"}), {})
    assert not engine.diff(automatic, {**given, "path": "/a/"}).delete_first
    assert engine.diff(named, {**given, "name": "x", "path": "/a/"}).delete_first


def test_policies_that_mean_the_same_are_the_same(engine: Engine) -> None:
    one = '{"Version":"2012-10-17","Statement":[{"Action":["a","b"],"Effect":"Allow"}]}'
    two = '{"Statement": {"Effect": "Allow", "Action": ["b", "a"]}, "Version": "2012-10-17"}'
    state = Resource(ROLE, "r", "r", engine.check(ROLE, "r", {"assumeRolePolicy": one}), {})
    assert engine.diff(state, {"assumeRolePolicy": two}).paths == {}


def test_an_updates_preview_leaves_open_what_it_changes(engine: Engine) -> None:
    state = Resource(TEMPLATE, "t", "lt-1", engine.check(TEMPLATE, "t", {"imageId": "ami-1"}), {})
    state.outputs = {**state.inputs, "latestVersion": 1, "arn": "x", "keyName": "old"}
    planned = engine.update(state, {"imageId": "ami-2"}, preview=True)
    assert planned.outputs["latestVersion"] is UNKNOWN
    assert planned.outputs["imageId"] == "ami-2"
    assert planned.outputs["arn"] == "x"
    assert "keyName" not in planned.outputs
