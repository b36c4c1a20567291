"""Functions answer as the SDK reads them, from the cloud's own AWS API."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest

from localcloud.aws.eks import versions
from localcloud.plugins.aws import functions
from tests.api.plugins.aws.engine import Engine, Refused
from tests.unit.localcloud.plugins.aws import comparison, sdk
from tests.unit.localcloud.plugins.aws.differences import listed

_AMAZON_LINUX = {"name": "name", "values": ["al2023-ami-2023.*-x86_64"]}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "aws:ec2/getAmi:getAmi": {
        "mostRecent": True,
        "owners": ["amazon"],
        "filters": [_AMAZON_LINUX],
    },
    "aws:route53/getZone:getZone": {"name": "answered.example"},
    "aws:eks/getCluster:getCluster": {"name": "answered"},
    "aws:cloudwatch/getLogGroup:getLogGroup": {"name": "answered"},
}


@pytest.mark.parametrize("token", functions.table())
def test_an_answer_differs_from_the_sdks_only_as_listed(
    engine: Engine, present: Any, token: str
) -> None:
    present("aws:route53/zone:Zone", "answered", name="answered.example")
    for type_ in ("aws:eks/cluster:Cluster", "aws:cloudwatch/logGroup:LogGroup"):
        present(type_, "answered", name="answered")
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


def test_the_newest_image_is_found(engine: Engine, client: Callable[[str], Any]) -> None:
    name = {"name": "name", "values": ["al2023-ami-2023.*-x86_64"]}
    asked = {"owners": ["amazon"], "filters": [name]}
    found = engine.invoke("aws:ec2/getAmi:getAmi", {**asked, "mostRecent": True})
    images = client("ec2").describe_images(
        Owners=["amazon"], Filters=[{"Name": "name", "Values": name["values"]}]
    )["Images"]
    assert found["creationDate"] == max(image["CreationDate"] for image in images)
    if len(images) > 1:
        with pytest.raises(grpc.RpcError, match="images match"):
            engine.invoke("aws:ec2/getAmi:getAmi", asked)
    with pytest.raises(grpc.RpcError, match="no image has these owners and filters"):
        engine.invoke("aws:ec2/getAmi:getAmi", {**asked, "owners": ["123456789012"]})


def test_a_zone_is_looked_up_by_its_whole_name(engine: Engine, present: Any) -> None:
    zone = present("aws:route53/zone:Zone", "looked up", name="lookup.example")
    found = engine.invoke("aws:route53/getZone:getZone", {"name": "lookup.example"})
    assert found["zoneId"] == zone.id
    assert found["nameServers"] == zone.outputs["nameServers"]
    with pytest.raises(grpc.RpcError, match="0 public zones are named example"):
        engine.invoke("aws:route53/getZone:getZone", {"name": "example"})
    with pytest.raises(Refused, match="is required"):
        engine.invoke("aws:route53/getZone:getZone", {})


def test_instance_types_are_those_that_the_region_offers(engine: Engine) -> None:
    token = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"

    def offered(*types: str, **more: Any) -> Any:
        filters = [{"name": "instance-type", "values": list(types)}]
        return engine.invoke(token, {"filters": filters, **more})

    found = offered("t3.nosuch", "t3.medium")
    assert (found["instanceTypes"], found["locations"]) == (["t3.medium"], ["eu-west-1"])
    assert found["locationTypes"] == ["region"]
    assert offered("t3.nosuch")["instanceTypes"] == []
    assert set(offered("t3.medium", locationType="availability-zone")["locations"]) >= {
        "eu-west-1a",
        "eu-west-1b",
    }
    assert offered("t3.medium", region="us-east-2")["locations"] == ["us-east-2"]
    with pytest.raises(Refused, match="must be one of region, availability-zone"):
        offered("t3.medium", locationType="outpost")


def test_clusters_are_listed_and_looked_up_with_their_tags(engine: Engine, present: Any) -> None:
    made = present("aws:eks/cluster:Cluster", "listed", name="listed", tags={"a": "b"})
    assert made.id in engine.invoke("aws:eks/getClusters:getClusters", {})["names"]
    found = engine.invoke("aws:eks/getCluster:getCluster", {"name": "listed"})
    assert (found["tags"], found["status"]) == ({"a": "b"}, "ACTIVE")


def test_a_log_group_is_looked_up_by_its_whole_name(engine: Engine, present: Any) -> None:
    present("aws:cloudwatch/logGroup:LogGroup", "log", name="/looked/up", retentionInDays=30)
    asked = {"logGroupNamePrefix": "/looked"}
    found = engine.invoke("aws:cloudwatch/getLogGroups:getLogGroups", asked)
    assert found["logGroupNames"] == ["/looked/up"]
    group = engine.invoke("aws:cloudwatch/getLogGroup:getLogGroup", {"name": "/looked/up"})
    assert (group["retentionInDays"], group["arn"]) == (30, found["arns"][0])
    with pytest.raises(grpc.RpcError, match="there is no /looked"):
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

    assert found(versionStatus="STANDARD_SUPPORT") == {"1.35": "2027-03-27", "1.34": "2026-12-02"}
    assert list(found()) == ["1.35", "1.34", "1.33", "1.32"]
    assert list(found(includeAll=True))[-1] == "1.31"
    assert list(found(clusterVersionsOnlies=["1.33"])) == ["1.33"]
    assert list(found(defaultOnly=True)) == ["1.35"]
