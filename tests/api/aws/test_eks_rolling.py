"""Version updates of node groups.

docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html, and of the user guide
managed-node-update-behavior.html and update-managed-node-group.html.
"""

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.aws.eks import offered
from tests.api.aws.support import NODES, Client, Eks, refusal

NEWEST, OLDER = offered.releases("1.35")
PAGE = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended"


def roll(cluster: Eks, **more: Any) -> Callable[[], dict[str, Any]]:
    """Begin a version update; returns what describes it."""
    made = cluster.client.update_nodegroup_version(**NODES, **more)["update"]
    assert (made["type"], made["status"]) == ("VersionUpdate", "InProgress")
    names = {"name": "one", "nodegroupName": "nodes", "updateId": made["id"]}
    return lambda: dict(cluster.client.describe_update(**names)["update"])


def ids(nodes: Any) -> list[str]:
    return [node.instance_id for node in nodes]


def ready(cluster: Eks) -> None:
    """The report that all nodes are ready."""
    cluster.nodegroup_ready(*ids(cluster.group.nodes))


def gone(cluster: Eks) -> None:
    """The report that the nodes that leave are drained."""
    for node in cluster.group.leaving:
        cluster.api.clusters.node_gone("one", "nodes", node.instance_id)


@pytest.fixture
def old(cluster: Eks) -> Eks:
    """A node group of an older release."""
    cluster.nodegroup(releaseVersion=OLDER)
    cluster.nodegroup_ready()
    return cluster


def test_nodes_are_replaced_one_after_the_other(old: Eks) -> None:
    first, second = old.instances
    update = roll(old, version="1.35")  # to the newest release
    assert old.described()["status"] == "UPDATING"
    assert ids(old.group.nodes)[:2] == [first, second]
    new = old.group.nodes[2]
    assert (new.zone, new.outdated, old.group.must_drain) == ("eu-west-1a", False, True)
    assert new.image != old.group.nodes[0].image
    old.nodegroup_ready(first, second)  # a report from before the new node
    assert old.group.leaving == ()
    ready(old)
    assert ids(old.group.leaving) == [first]
    assert [node.cordoned for node in (*old.group.nodes, *old.group.leaving)] == [True, False, True]
    ready(old)  # nothing more happens until it is gone
    assert (ids(old.group.leaving), len(old.group.nodes)) == ([first], 2)
    gone(old)
    assert [node.zone[-1] for node in old.group.nodes] == ["b", "a", "b"]
    ready(old)
    assert ids(old.group.leaving) == [second]
    ready(old)
    assert update()["status"] == "InProgress"
    gone(old)
    ready(old)
    assert (update()["status"], old.described()["status"]) == ("Successful", "ACTIVE")
    assert old.described()["releaseVersion"] == NEWEST
    assert len(set(old.instances) | {first, second}) == 4
    assert not any(node.cordoned or node.outdated for node in old.group.nodes)


@pytest.mark.parametrize(
    ("config", "at_a_time"),
    [
        ({"maxUnavailable": 3}, 3),
        ({"maxUnavailablePercentage": 50}, 2),
        ({"maxUnavailablePercentage": 1}, 1),
    ],
)
def test_as_many_leave_at_a_time_as_may_be_unavailable(
    cluster: Eks, config: dict[str, int], at_a_time: int
) -> None:
    cluster.nodegroup(releaseVersion=OLDER, sizes=(1, 4, 4), updateConfig=config)
    cluster.nodegroup_ready()
    roll(cluster)
    rounds = 0
    while cluster.described()["status"] == "UPDATING":
        assert len(cluster.group.nodes) + len(cluster.group.leaving) <= 4 + at_a_time
        ready(cluster)
        assert len(cluster.group.nodes) >= 4
        assert len(cluster.group.leaving) <= at_a_time
        gone(cluster)
        rounds += 1
    assert rounds == -(-4 // at_a_time) + 1


def test_one_update_at_a_time(old: Eks) -> None:
    roll(old)
    for call in (old.client.update_nodegroup_version, old.client.update_nodegroup_config):
        refused = refusal(call, **NODES)
        assert refused[0] == "ResourceInUseException"
        assert "UPDATING" in refused[1]


def test_pods_that_cannot_be_evicted_fail_the_update_which_is_taken_back(old: Eks) -> None:
    """github.com/aws/containers-roadmap/issues/1282 has the message; that EKS takes it back is told
    in github.com/ministryofjustice/cloud-platform/pull/8393."""
    before = old.instances
    update = roll(old)
    ready(old)
    stuck = old.group.leaving[0]
    old.api.clusters.node_stays("one", "nodes", stuck.instance_id)
    (error,) = update()["errors"]
    assert update()["status"] == "Failed"
    assert (error["errorCode"], error["resourceIds"]) == ("PodEvictionFailure", [stuck.dns_name])
    assert error["errorMessage"].startswith("Reached max retries while trying to evict pods from")
    assert (ids(old.group.nodes), len(old.group.leaving)) == (before, 1)
    assert not any(node.cordoned for node in old.group.nodes)
    gone(old)
    ready(old)
    described = old.described()
    assert (described["status"], described["releaseVersion"]) == ("ACTIVE", OLDER)
    assert old.instances == before


def test_a_forced_update_ends_nodes_with_pods_on_them(old: Eks) -> None:
    roll(old, force=True)
    assert not old.group.must_drain


def test_new_nodes_that_do_not_work_fail_the_update(old: Eks) -> None:
    before = old.instances
    update = roll(old)
    old.api.clusters.nodegroup_failed("one", "nodes", "fault")
    assert update()["errors"][0]["errorCode"] == "NodeCreationFailure"
    assert old.described()["status"] == "DEGRADED"
    assert ids(old.group.nodes) == before
    ready(old)
    assert (old.described()["status"], old.described()["releaseVersion"]) == ("ACTIVE", OLDER)


def test_a_group_that_is_deleted_in_the_middle_leaves_nothing(old: Eks) -> None:
    roll(old)
    ready(old)
    old.client.delete_nodegroup(**NODES)
    old.api.clusters.nodegroup_gone("one", "nodes")
    assert old.api.snapshots.instances() == ()


def template(gib: int, **more: Any) -> dict[str, Any]:
    disks = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": gib}}]
    return {"BlockDeviceMappings": disks, **more}


def sizes(cluster: Eks) -> set[int]:
    found = cluster.ec2.describe_volumes()["Volumes"]
    of = {each["Attachments"][0]["InstanceId"]: each["Size"] for each in found}
    return {of[instance] for instance in cluster.instances}


def finish(cluster: Eks) -> None:
    """Everything happens that a reconciler would report."""
    while cluster.described()["status"] == "UPDATING":
        ready(cluster)
        gone(cluster)


def test_another_launch_template_version_and_back(cluster: Eks) -> None:
    ec2, name = cluster.ec2, {"LaunchTemplateName": "nodes"}
    made = ec2.create_launch_template(**name, LaunchTemplateData=template(20))
    id_ = made["LaunchTemplate"]["LaunchTemplateId"]
    cluster.nodegroup(launchTemplate={"id": id_, "version": "1"})
    cluster.nodegroup_ready()
    ec2.create_launch_template_version(**name, LaunchTemplateData=template(30))
    for asked, version, gib in (("2", "2", 30), ("1", "1", 20), ("$Latest", "2", 30)):
        update = roll(cluster, launchTemplate={"id": id_, "version": asked})
        finish(cluster)
        assert update()["status"] == "Successful"
        assert cluster.described()["launchTemplate"]["version"] == version
        assert {node.template for node in cluster.group.nodes} == {(id_, version)}
        assert sizes(cluster) == {gib}
    ec2.create_launch_template(LaunchTemplateName="other", LaunchTemplateData=template(9))
    ec2.create_launch_template_version(
        **name, LaunchTemplateData=template(9, InstanceType="t3.large")
    )
    for given, words in (
        ({"name": "other"}, "the launch template that the node group was created with"),
        ({"id": id_, "version": "9"}, "has no version 9"),
        ({"id": id_, "version": "3"}, "not in both"),
        ({"id": id_, "version": "2"}, "is already at release version"),
    ):
        refused = refusal(cluster.client.update_nodegroup_version, **NODES, launchTemplate=given)
        assert refused[0] == "InvalidParameterException"
        assert words in refused[1]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"version": "1.99"}, "must not be newer than the cluster's, 1.35"),
        ({"releaseVersion": "1.35.4-20200101"}, "is not valid for kubernetes version 1.35."),
        ({"releaseVersion": OLDER}, "can't be rolled back"),
        ({"version": "1.35"}, f"is already at release version {NEWEST}"),
        ({"launchTemplate": {"id": "lt-0"}}, "launch template that exists"),
    ],
)
def test_updates_that_are_refused(cluster: Eks, more: dict[str, Any], words: str) -> None:
    cluster.nodegroup()
    cluster.nodegroup_ready()
    code, message = refusal(cluster.client.update_nodegroup_version, **NODES, **more)
    assert code == "InvalidParameterException"
    assert words in message
    assert cluster.described()["status"] == "ACTIVE"


def test_the_recommended_release_is_a_public_parameter(cluster: Eks, client: Client) -> None:
    """docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html"""
    ssm = client("ssm")

    def value(name: str) -> str:
        return str(ssm.get_parameter(Name=f"{PAGE}/{name}")["Parameter"]["Value"])

    assert value("release_version") == NEWEST
    cluster.nodegroup(releaseVersion=NEWEST)
    assert {node.image for node in cluster.group.nodes} == {value("image_id")}


def test_repair_of_nodes_is_recorded(cluster: Eks) -> None:
    """docs.aws.amazon.com/eks/latest/APIReference/API_NodeRepairConfig.html"""
    assert cluster.nodegroup()["nodeRepairConfig"] == {"enabled": False}
    cluster.nodegroup_ready()
    cluster.client.update_nodegroup_config(**NODES, nodeRepairConfig={"enabled": True})
    cluster.nodegroup_ready()
    assert cluster.described()["nodeRepairConfig"] == {"enabled": True}
