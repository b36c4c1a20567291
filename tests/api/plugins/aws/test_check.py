"""Check reports failures by property, and adds defaults and automatic names."""

import re

import pytest

from localcloud.plugins.provider import PluginError
from localcloud.plugins.values import UNKNOWN, Secret
from tests.api.plugins.aws.engine import Engine, Refused, Resource, Values

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROLE = "aws:iam/role:Role"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"
ADDON = "aws:eks/addon:Addon"
TRUST = '{"Version": "2012-10-17", "Statement": []}'
ARN = "arn:aws:iam::123456789012:role/r"
GIVEN: dict[str, Values] = {
    VPC: {"cidrBlock": "10.0.0.0/16"},
    SUBNET: {"vpcId": UNKNOWN, "cidrBlock": UNKNOWN},
    ROLE: {"assumeRolePolicy": TRUST},
    TEMPLATE: {},
    LOGS: {},
    CLUSTER: {"roleArn": ARN, "vpcConfig": {"subnetIds": [UNKNOWN]}},
    GROUP: {
        "clusterName": "c",
        "nodeRoleArn": UNKNOWN,
        "subnetIds": UNKNOWN,
        "scalingConfig": UNKNOWN,
    },
    ADDON: {"clusterName": "c", "addonName": "coredns"},
}
"""As much as each type needs."""


@pytest.mark.parametrize(
    ("token", "more", "path", "reason"),
    [
        (VPC, {"cidrBlock": None}, "cidrBlock", "is required"),
        (SUBNET, {"cidrBlock": None, "vpcId": Secret("vpc-1")}, "cidrBlock", "is required"),
        (VPC, {"cidrBlock": "10.0.0.1/16"}, "cidrBlock", "has host bits set"),
        (VPC, {"cidrBlock": 10}, "cidrBlock", "expected a string, got 10"),
        (VPC, {"enableDnsSupport": "yes"}, "enableDnsSupport", "true"),
        (VPC, {"cidrBlok": "x"}, "cidrBlok", "did you mean cidrBlock"),
        (VPC, {"ipv6CidrBlock": "x"}, "ipv6CidrBlock", "not a property"),
        (VPC, {"instanceTenancy": "x"}, "instanceTenancy", "one of"),
        (VPC, {"tags": {"a": 1}}, 'tags["a"]', "expected a string"),
        (ROLE, {"assumeRolePolicy": "{"}, "assumeRolePolicy", "is not JSON"),
        (ROLE, {"maxSessionDuration": 1}, "maxSessionDuration", "from"),
        (LOGS, {"retentionInDays": 2}, "retentionInDays", "must be one of 0, 1, 3"),
        (TEMPLATE, {"metadataOptions": {"x": 1}}, "metadataOptions.x", "is not a property"),
        (
            TEMPLATE,
            {"blockDeviceMappings": [{"ebs": {"encrypted": "maybe"}}]},
            "blockDeviceMappings[0].ebs.encrypted",
            'must be "true" or "false"',
        ),
        # What the local cloud does not offer: a preview refuses it, before anything is made.
        (CLUSTER, {"version": "1.36"}, "version", "Kubernetes 1.36"),
        (
            CLUSTER,
            {"vpcConfig": {"subnetIds": UNKNOWN, "publicAccessCidrs": ["10.0.0.0/8"]}},
            "vpcConfig",
            "reserved in publicAccessCidrs: [10.0.0.0/8]",
        ),
        (
            CLUSTER,
            {"accessConfig": {"authenticationMode": "CONFIG_MAP"}},
            "accessConfig",
            "the authentication mode CONFIG_MAP",
        ),
        (
            CLUSTER,
            {"kubernetesNetworkConfig": {"ipFamily": "ipv6"}},
            "kubernetesNetworkConfig",
            "the IP family ipv6",
        ),
        (GROUP, {"version": "1.34"}, "version", "Kubernetes 1.34"),
        (GROUP, {"capacityType": "SPOT"}, "capacityType", "SPOT"),
        (GROUP, {"amiType": "AL2023_ARM_64_STANDARD"}, "amiType", "AL2023_ARM"),
        (GROUP, {"instanceTypes": ["a", "b"]}, "instanceTypes", "more than one"),
        (ADDON, {"addonName": "x", "addonVersion": "v1"}, "addonName", "the add-on x"),
        (ADDON, {"addonVersion": "v1"}, "addonVersion", "coredns v1"),
        (
            ADDON,
            {"configurationValues": '{"autoScaling": {}}'},
            "configurationValues",
            "coredns autoScaling: not implemented",
        ),
        (ADDON, {"preserve": True}, "preserve", "preserve of DeleteAddon"),
    ],
)
def test_a_bad_input_is_refused_by_its_path(
    engine: Engine, token: str, more: Values, path: str, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        engine.check(token, "a", {**GIVEN[token], **more})
    assert list(refused.value.reasons) == [path]
    assert reason in refused.value.reasons[path]


@pytest.mark.parametrize(
    ("token", "more"),
    [
        (CLUSTER, {"version": "1.35", "enabledClusterLogTypes": []}),
        (
            CLUSTER,
            {"version": UNKNOWN, "enabledClusterLogTypes": [UNKNOWN], "accessConfig": UNKNOWN},
        ),
        (ADDON, {"addonName": UNKNOWN, "addonVersion": "v1"}),
        (SUBNET, {"tags": {"a": UNKNOWN}}),
        (VPC, {"cidrBlock": Secret("10.0.0.0/16"), "tags": {"a": Secret("b")}}),
    ],
)
def test_what_is_offered_or_not_known_yet_passes_and_stays_secret(
    engine: Engine, token: str, more: Values
) -> None:
    given = {**GIVEN[token], **more}
    checked = engine.check(token, "a", given)
    assert {name: checked[name] for name in given} == given


def test_a_name_that_is_made_up_obeys_the_rule_of_names(engine: Engine) -> None:
    with pytest.raises(Refused) as refused:
        engine.check(ROLE, "two words", GIVEN[ROLE])
    assert "must be letters, digits and +=,.@-_" in refused.value.reasons["name"]


def test_what_it_does_not_have_is_refused_by_name(engine: Engine) -> None:
    with pytest.raises(PluginError) as refused:
        engine.check("aws:sqs/queue:Queue", "a", {})
    assert str(refused.value) == (
        "aws:sqs/queue:Queue is not in the local cloud: see docs/localcloud.md, how to add a type"
    )
    with pytest.raises(PluginError, match=r"\(did you mean aws:ec2/vpc:Vpc\?\)"):
        engine.check("aws:ec2/vcp:Vpc", "a", {})
    with pytest.raises(PluginError, match="aws:s3/getBucket:getBucket is not in the local"):
        engine.invoke("aws:s3/getBucket:getBucket", {})
    with pytest.raises(Refused, match="did you mean filters"):
        engine.invoke("aws:ec2/getAmi:getAmi", {"filter": []})


def test_a_name_is_made_up_once(engine: Engine) -> None:
    first = engine.check(ROLE, "node", GIVEN[ROLE])
    assert re.fullmatch("node-[0-9a-f]{7}", first["name"])
    assert engine.check(ROLE, "node", GIVEN[ROLE], first) == first
    other = engine.check(ROLE, "node", GIVEN[ROLE])
    assert other["name"] != first["name"]


def test_a_name_of_the_program_is_not_kept_when_it_is_dropped(engine: Engine) -> None:
    old = {**GIVEN[ROLE], "name": "mine"}
    assert engine.check(ROLE, "node", GIVEN[ROLE], old)["name"] != "mine"


def test_a_name_may_start_with_a_prefix(engine: Engine) -> None:
    checked = engine.check(ROLE, "node", {**GIVEN[ROLE], "namePrefix": "x" * 80})
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
        (
            {"region": "eu-west-1", "assumeRoles": '[{"sessionName": "a"}]'},
            "assumeRoles[0].roleArn",
            "is required",
        ),
        (
            {"region": "eu-west-1", "assumeRoles": f'[{{"roleArn": "{ARN}", "policy": "p"}}]'},
            "assumeRoles[0].policy",
            "is not a property",
        ),
    ],
)
def test_bad_configuration_is_refused_by_name(
    engine: Engine, config: Values, path: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(Refused) as refused:
        engine.call("CheckConfig", news=config)
    assert list(refused.value.reasons) == [path]
    assert reason in refused.value.reasons[path]


DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Action":["a","b"],"Effect":"Allow"}]}'
SAME = '{"Statement": {"Effect": "Allow", "Action": ["b", "a"]}, "Version": "2012-10-17"}'


@pytest.mark.parametrize(
    ("token", "old", "new", "paths", "first"),
    [
        (VPC, {"tags": {"a": "b"}}, {"tags": {"a": "c"}}, {"tags.a": "UPDATE"}, False),
        (VPC, {"tags": {"a": "b"}}, {}, {"tags": "DELETE"}, False),
        (VPC, {}, {"cidrBlock": "10.1.0.0/16"}, {"cidrBlock": "UPDATE_REPLACE"}, False),
        (VPC, {}, {"cidrBlock": UNKNOWN}, {"cidrBlock": "UPDATE_REPLACE"}, False),
        (VPC, {"instanceTenancy": "default"}, {}, {}, False),
        (VPC, {"enableDnsSupport": True}, {}, {}, False),
        (VPC, {"region": "eu-west-1"}, {"region": "eu-west-2"}, {"region": "UPDATE_REPLACE"},
         False),
        (ROLE, {"assumeRolePolicy": DOCUMENT}, {"assumeRolePolicy": SAME}, {}, False),
        # Two of one name cannot be there at once, two of automatic names can.
        (ROLE, {}, {"path": "/a/"}, {"path": "UPDATE_REPLACE"}, False),
        (ROLE, {"name": "x"}, {"name": "x", "path": "/a/"}, {"path": "UPDATE_REPLACE"}, True),
    ],
)  # fmt: skip
def test_a_diff_tells_update_from_replace(
    engine: Engine, token: str, old: Values, new: Values, paths: dict[str, str], first: bool
) -> None:
    given = GIVEN[token]
    state = Resource(token, "net", "id-1", engine.check(token, "net", {**given, **old}))
    diff = engine.diff(state, {**given, **new})
    assert (diff.paths, diff.delete_first) == (paths, first)
    assert diff.replaces == [path for path, kind in paths.items() if kind == "UPDATE_REPLACE"]


def test_an_updates_preview_leaves_open_what_it_changes(engine: Engine) -> None:
    state = Resource(TEMPLATE, "t", "lt-1", engine.check(TEMPLATE, "t", {"imageId": "ami-1"}))
    state.outputs = {**state.inputs, "latestVersion": 1, "arn": "x", "keyName": "old"}
    planned = engine.update(state, {"imageId": "ami-2"}, preview=True)
    assert planned.outputs["latestVersion"] is UNKNOWN
    assert planned.outputs["imageId"] == "ami-2"
    assert planned.outputs["arn"] == "x"
    assert "keyName" not in planned.outputs
