"""Functions answer as the SDK reads them, from the cloud's own AWS API."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from localcloud.aws.eks import offered, versions
from localcloud.plugins.aws import functions
from localcloud.plugins.provider import PluginError
from tests.api.plugins.aws import examples
from tests.api.plugins.aws.engine import Engine, Refused
from tests.unit.localcloud.plugins.aws import comparison, sdk
from tests.unit.localcloud.plugins.aws.differences import listed

AMAZON_LINUX = {"name": "name", "values": ["al2023-ami-2023.*-x86_64"]}
IMAGES: dict[str, Any] = {"owners": ["amazon"], "filters": [AMAZON_LINUX]}
_NODES = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended"
ARGUMENTS: dict[str, dict[str, Any]] = {
    "aws:ec2/getAmi:getAmi": {**IMAGES, "mostRecent": True},
    "aws:route53/getZone:getZone": {"name": "answered.example"},
    "aws:ssm/getParameter:getParameter": {"name": f"{_NODES}/release_version"},
    "aws:eks/getAddonVersion:getAddonVersion": {
        "addonName": "vpc-cni",
        "kubernetesVersion": "1.35",
    },
    "aws:eks/getCluster:getCluster": {"name": "needed"},
    "aws:cloudwatch/getLogGroup:getLogGroup": {"name": "answered"},
    "aws:iam/getRole:getRole": {"name": "answered"},
}


@pytest.mark.parametrize("token", functions.table())
def test_an_answer_differs_from_the_sdks_only_as_listed(
    engine: Engine, present: Any, token: str
) -> None:
    present("aws:route53/zone:Zone", "answered", name="answered.example")
    present(examples.CLUSTER, "needed", name="needed")
    present(examples.LOGS, "answered", name="answered")
    present("aws:iam/role:Role", "answered", name="answered")
    function, arguments = functions.find(token), ARGUMENTS.get(token, {})
    answer = functions.run(function, engine.provider.session, "eu-west-1", arguments)
    assert list(comparison.of_values(answer, sdk.result(token))) == []
    lacking = set(sdk.result(token)) - set(answer) - set(sdk.arguments(token))
    assert lacking == {path for path, what in listed(token) if what == comparison.ABSENT}


def test_zones_are_sorted_and_in_step(engine: Engine) -> None:
    asked = {"filters": [{"name": "opt-in-status", "values": ["opt-in-not-required"]}]}
    zones = engine.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", asked)
    assert zones["names"][:2] == ["eu-west-1a", "eu-west-1b"]
    assert len(zones["names"]) == len(zones["zoneIds"])


def test_the_caller_is_who_the_credentials_are_of(engine: Engine) -> None:
    found = engine.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert found["accountId"] == "123456789012"
    assert found["arn"].endswith("user/developer")


def test_a_function_may_ask_another_region(engine: Engine) -> None:
    assert engine.invoke("aws:index/getRegion:getRegion", {})["region"] == "eu-west-1"
    other = engine.invoke("aws:index/getRegion:getRegion", {"region": "us-east-2"})
    assert other["name"] == "us-east-2"


def test_the_newest_image_is_found(engine: Engine) -> None:
    token = "aws:ec2/getAmi:getAmi"
    found = engine.invoke(token, {**IMAGES, "mostRecent": True})
    names = [{"Name": "name", "Values": AMAZON_LINUX["values"]}]
    images = boto3.client("ec2").describe_images(Owners=["amazon"], Filters=names)["Images"]
    assert found["creationDate"] == max(image["CreationDate"] for image in images)
    if len(images) > 1:
        with pytest.raises(PluginError, match="images match"):
            engine.invoke(token, IMAGES)
    with pytest.raises(PluginError, match="no image has these owners and filters"):
        engine.invoke(token, {**IMAGES, "owners": ["123456789012"]})


def test_a_zone_is_looked_up_by_its_whole_name(engine: Engine, present: Any) -> None:
    zone = present("aws:route53/zone:Zone", "looked up", name="lookup.example")
    found = engine.invoke("aws:route53/getZone:getZone", {"name": "lookup.example"})
    assert found["zoneId"] == zone.id
    assert found["nameServers"] == zone.outputs["nameServers"]
    with pytest.raises(PluginError, match="no matching Route 53 Hosted Zone found"):
        engine.invoke("aws:route53/getZone:getZone", {"name": "example"})
    with pytest.raises(Refused, match="is required"):
        engine.invoke("aws:route53/getZone:getZone", {})


def test_a_role_is_looked_up_by_its_name(engine: Engine, present: Any) -> None:
    role = present("aws:iam/role:Role", "looked up", name="looked-up", path="/team/")
    found = engine.invoke("aws:iam/getRole:getRole", {"name": "looked-up"})
    assert (found["arn"], found["path"]) == (role.outputs["arn"], "/team/")
    with pytest.raises(PluginError, match=r"IAM Role \(nobody\): couldn't find resource"):
        engine.invoke("aws:iam/getRole:getRole", {"name": "nobody"})


def test_vpcs_and_groups_are_found_by_filters(engine: Engine, present: Any) -> None:
    group = present("aws:ec2/securityGroup:SecurityGroup", "found", tags={"of": "found"})
    tag = {"name": "tag:of", "values": ["found"]}
    found = engine.invoke("aws:ec2/getSecurityGroups:getSecurityGroups", {"filters": [tag]})
    vpc = group.inputs["vpcId"]
    assert (found["ids"], found["vpcIds"]) == ([group.id], [vpc])

    def ids(block: str) -> Any:
        both = {"vpc-id": vpc, "cidr": block}
        asked = [{"name": name, "values": [value]} for name, value in both.items()]
        return engine.invoke("aws:ec2/getVpcs:getVpcs", {"filters": asked})["ids"]

    assert (ids("10.0.0.0/16"), ids("10.9.0.0/16")) == ([vpc], [])


def test_instance_types_are_those_that_the_region_offers(engine: Engine) -> None:
    token = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"

    def offered(*types: str, **more: Any) -> Any:
        filters = [{"name": "instance-type", "values": list(types)}]
        return engine.invoke(token, {"filters": filters, **more})

    found = offered("t3.nosuch", "t3.medium")
    assert (found["instanceTypes"], found["locations"]) == (["t3.medium"], ["eu-west-1"])
    assert found["locationTypes"] == ["region"]
    assert offered("t3.nosuch")["instanceTypes"] == []
    zones = offered("t3.medium", locationType="availability-zone")["locations"]
    assert {*zones} >= {"eu-west-1a", "eu-west-1b"}
    assert offered("t3.medium", region="us-east-2")["locations"] == ["us-east-2"]
    with pytest.raises(Refused, match="must be one of region, availability-zone"):
        offered("t3.medium", locationType="outpost")


def test_what_eks_recommends_for_a_version(engine: Engine) -> None:
    release = engine.invoke(
        "aws:ssm/getParameter:getParameter", {"name": f"{_NODES}/release_version"}
    )
    assert release["value"] == release["insecureValue"] == offered.releases("1.35")[0]
    token, vpc_cni = "aws:eks/getAddonVersion:getAddonVersion", {"addonName": "vpc-cni"}
    asked = {**vpc_cni, "kubernetesVersion": "1.35"}
    newest = engine.invoke(token, {**asked, "mostRecent": True})["version"]
    assert newest == engine.invoke(token, asked)["version"] == offered.ADDONS["vpc-cni"][1][0]
    with pytest.raises(PluginError, match=r"no vpc-cni for 1\.30"):
        engine.invoke(token, {**vpc_cni, "kubernetesVersion": "1.30"})


def test_clusters_are_listed_and_looked_up_with_their_tags(engine: Engine, present: Any) -> None:
    present(examples.CLUSTER, "listed", name="listed", tags={"a": "b"})
    assert "listed" in engine.invoke("aws:eks/getClusters:getClusters", {})["names"]
    token = "aws:eks/getCluster:getCluster"
    found = engine.invoke(token, {"name": "listed"})
    assert (found["version"], found["tags"], found["status"]) == ("1.35", {"a": "b"}, "ACTIVE")
    with pytest.raises(PluginError, match="No cluster found for name: none"):
        engine.invoke(token, {"name": "none"})


def test_a_log_group_is_looked_up_by_its_whole_name(engine: Engine, present: Any) -> None:
    present(examples.LOGS, "log", name="/looked/up", retentionInDays=30)
    asked = {"logGroupNamePrefix": "/looked"}
    found = engine.invoke("aws:cloudwatch/getLogGroups:getLogGroups", asked)
    assert found["logGroupNames"] == ["/looked/up"]
    group = engine.invoke("aws:cloudwatch/getLogGroup:getLogGroup", {"name": "/looked/up"})
    assert (group["retentionInDays"], group["arn"]) == (30, found["arns"][0])
    with pytest.raises(PluginError, match="there is no /looked"):
        engine.invoke("aws:cloudwatch/getLogGroup:getLogGroup", {"name": "/looked"})


def test_versions_are_those_with_the_support_that_is_asked_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html"""
    monkeypatch.setattr(versions, "now", lambda: datetime(2026, 12, 1, tzinfo=UTC))

    def found(**asked: Any) -> dict[str, str]:
        answer = engine.invoke("aws:eks/getClusterVersions:getClusterVersions", asked)
        return {
            each["clusterVersion"]: each["endOfStandardSupportDate"][:10]
            for each in answer["clusterVersions"]
        }

    standard = found(versionStatus="STANDARD_SUPPORT")
    assert list(standard) == ["1.36", "1.35", "1.34"]
    assert standard["1.34"] == "2026-12-02"
    assert list(found()) == ["1.36", "1.35", "1.34", "1.33", "1.32"]
    assert list(found(includeAll=True))[-1] == "1.31"
    assert list(found(clusterVersionsOnlies=["1.33"])) == ["1.33"]
    assert list(found(defaultOnly=True)) == ["1.35"]
