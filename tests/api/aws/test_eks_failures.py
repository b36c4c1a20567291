"""EKS operations of which a later step fails: nothing is left, or the record tells.

CreateNodegroup answers before there are instances, so whatever keeps them from being launched is
told by the node group's status and health: API_CreateNodegroup.html, API_Issue.html of the EKS
API reference, and github.com/terraform-aws-modules/terraform-aws-eks/issues/1843.
"""

import contextlib
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.aws import backends
from localcloud.aws.eks import offered
from localcloud.aws.errors import AwsError
from tests.api.aws.support import NODES, REGION, Eks, Vpc, refusal

Failing = Callable[..., Callable[[], None]]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Makes every call of a backend's method fail, from the given one on, until it is undone."""

    def make(service: str, method: str, first: int, error: Exception) -> Callable[[], None]:
        kind: Any = type(backends.ec2(REGION) if service == "ec2" else backends.iam())
        real, calls = getattr(kind, method), itertools.count(1)

        def call(*args: Any, **kwargs: Any) -> Any:
            if next(calls) >= first:
                raise error
            return real(*args, **kwargs)

        monkeypatch.setattr(kind, method, call)
        return monkeypatch.undo

    return make


def issue(cluster: Eks) -> dict[str, Any]:
    (found,) = cluster.described()["health"]["issues"]
    return dict(found)


def delete(cluster: Eks) -> None:
    """Delete the group and look for what is left of it."""
    cluster.client.delete_nodegroup(**NODES)
    cluster.api.clusters.nodegroup_gone("one", "nodes")
    assert cluster.record.nodegroups == ()
    assert cluster.api.snapshots.instances() == ()
    assert cluster.iam.list_instance_profiles()["InstanceProfiles"] == []
    interfaces = backends.ec2(REGION).enis.values()
    assert all(eni.requester_id == "amazon-eks" for eni in interfaces)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AwsError("VolumeLimitExceeded", "too many"), "AsgInstanceLaunchFailures"),
        (KeyError("fault"), "InternalFailure"),
    ],
)
@pytest.mark.parametrize(
    ("service", "method", "first"),
    [
        ("iam", "create_instance_profile", 1),
        ("ec2", "run_instances", 1),
        ("ec2", "run_instances", 2),
        ("ec2", "create_network_interface", 2),
        ("ec2", "associate_iam_instance_profile", 2),
        ("ec2", "assign_pod_prefix", 1),
    ],
)
def test_a_creation_that_fails_midway_tells_and_can_be_deleted_and_made_again(
    cluster: Eks, failing: Failing, service: str, method: str, first: int,
    error: Exception, code: str,
) -> None:  # fmt: skip
    undo = failing(service, method, first, error)
    changes = cluster.api.changes
    mark = changes.seen({"ec2", "eks"})
    assert cluster.nodegroup()["status"] == "CREATING"
    assert changes.seen({"ec2", "eks"}) > mark
    assert (cluster.described()["status"], issue(cluster)["code"]) == ("CREATE_FAILED", code)
    assert len(cluster.instances) == first - 1
    undo()
    delete(cluster)
    cluster.nodegroup()
    assert cluster.described()["status"] == "CREATING"
    assert len(cluster.instances) == 2
    delete(cluster)
    cluster.iam.delete_role(RoleName="node")


def test_a_role_that_is_gone_meanwhile_is_named(
    cluster: Eks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any, **kwargs: Any) -> None:
        backends.iam().roles.clear()
        raise AwsError("NoSuchEntity", "Role node not found")

    monkeypatch.setattr(type(backends.iam()), "create_instance_profile", gone)
    cluster.nodegroup()
    assert issue(cluster)["code"] == "IamNodeRoleNotFound"


def fill(subnet: str, left: int = 0) -> None:
    """Take all addresses of a subnet but `left`."""
    ec2: Any = backends.ec2(REGION)
    with contextlib.suppress(AwsError):
        while True:
            ec2.create_network_interface(subnet, None)
    for _ in range(left):
        ec2.enis.popitem()


@pytest.fixture
def small(vpc: Vpc) -> list[str]:
    """Two more subnets, of 11 addresses."""
    return [vpc.subnet("10.0.9.0/28", "a"), vpc.subnet("10.0.9.16/28", "b")]


@pytest.mark.parametrize("left", [0, 1])
def test_subnets_without_free_addresses_fail_the_group(
    cluster: Eks, small: list[str], left: int
) -> None:
    for subnet in small:
        fill(subnet, left)
    cluster.nodegroup(subnets=small)
    assert cluster.described()["status"] == "CREATE_FAILED"
    found = issue(cluster)
    assert (found["code"], found["resourceIds"]) == ("InsufficientFreeAddresses", small)


def test_a_full_subnet_leaves_its_share_to_the_others(cluster: Eks, small: list[str]) -> None:
    fill(small[0])
    cluster.nodegroup(subnets=[small[0], cluster.vpc.subnets[1]])
    assert cluster.described()["status"] == "CREATING"
    assert [node.zone for node in cluster.group.nodes] == [f"{REGION}b"] * 2


def test_scaling_up_that_fails_degrades_the_group_until_it_can_be_done(
    cluster: Eks, small: list[str]
) -> None:
    here = cluster.vpc.subnet("10.0.9.64/26")
    cluster.nodegroup(sizes=(1, 4, 1), subnets=[here, small[1]])
    cluster.nodegroup_ready()
    (first,) = cluster.instances
    cluster.ec2.delete_subnet(SubnetId=small[1])
    fill(here)
    update = cluster.scale(3)()
    assert (update["status"], update["errors"][0]["errorCode"]) == ("Failed", "SubnetNotFound")
    assert issue(cluster)["code"] == "Ec2SubnetNotFound"
    assert cluster.instances == [first]
    cluster.nodegroup_ready(first)
    assert cluster.described()["status"] == "DEGRADED"
    ec2: Any = backends.ec2(REGION)
    free = [eni for eni in ec2.enis.values() if not eni.instance and not eni.requester_managed]
    for eni in free:
        cluster.ec2.delete_network_interface(NetworkInterfaceId=eni.id)
    assert len(cluster.instances) == 3
    cluster.nodegroup_ready()
    assert cluster.described()["health"]["issues"] == []
    assert cluster.described()["status"] == "ACTIVE"


def test_scaling_down_again_mends_a_group_that_could_not_grow(
    cluster: Eks, failing: Failing
) -> None:
    cluster.nodegroup(sizes=(1, 4, 1))
    cluster.nodegroup_ready()
    failing("ec2", "run_instances", 1, AwsError("VcpuLimitExceeded", "no more"))
    assert cluster.scale(2)()["status"] == "Failed"
    assert issue(cluster)["code"] == "InstanceLimitExceeded"
    cluster.scale(1)
    cluster.nodegroup_ready()
    assert cluster.described()["status"] == "ACTIVE"


def test_a_version_update_that_cannot_launch_is_taken_back(cluster: Eks, failing: Failing) -> None:
    _, older = offered.releases("1.35")
    cluster.nodegroup(releaseVersion=older)
    cluster.nodegroup_ready()
    before = cluster.instances
    failing("ec2", "run_instances", 1, AwsError("VcpuLimitExceeded", "no more"))
    cluster.client.update_nodegroup_version(**NODES)
    assert issue(cluster)["code"] == "InstanceLimitExceeded"
    cluster.nodegroup_ready(*before)
    assert (cluster.described()["status"], cluster.described()["releaseVersion"]) == (
        "ACTIVE",
        older,
    )
    assert cluster.instances == before


def test_a_group_is_deleted_although_its_parts_are_gone_already(cluster: Eks) -> None:
    cluster.nodegroup()
    cluster.nodegroup_ready()
    (profile,) = cluster.iam.list_instance_profiles()["InstanceProfiles"]
    named = {"InstanceProfileName": profile["InstanceProfileName"]}
    cluster.iam.remove_role_from_instance_profile(**named, RoleName="node")
    cluster.iam.delete_instance_profile(**named)
    cluster.scale(3)
    assert issue(cluster)["code"] == "IamInstanceProfileNotFound"
    first, second = cluster.instances
    protected = {"InstanceId": first, "DisableApiTermination": {"Value": True}}
    cluster.ec2.modify_instance_attribute(**protected)
    cluster.client.delete_nodegroup(**NODES)
    cluster.ec2.terminate_instances(InstanceIds=[second])
    delete(cluster)
    cluster.iam.delete_role(RoleName="node")


def test_a_launch_that_fails_midway_leaves_no_instance(vpc: Vpc) -> None:
    """RunInstances launches all, or none: API_RunInstances.html, MinCount."""
    small = vpc.subnet("10.0.9.0/28")
    fill(small, 1)
    two = vpc.launch_arguments(SubnetId=small, MinCount=2, MaxCount=2)
    assert refusal(vpc.ec2.run_instances, **two)[0] == "InsufficientFreeAddressesInSubnet"
    assert vpc.ec2.describe_instances()["Reservations"] == []
    vpc.launch(SubnetId=small)


@pytest.mark.parametrize(
    ("method", "first"), [("authorize_security_group_ingress", 1), ("create_network_interface", 2)]
)
def test_a_cluster_that_cannot_be_made_leaves_nothing(
    eks: Eks, failing: Failing, method: str, first: int
) -> None:
    undo = failing("ec2", method, first, AwsError("InsufficientFreeAddressesInSubnet", "full"))
    eks.refuses("InvalidParameterException", "full")
    undo()
    assert eks.api.clusters.clusters() == []
    assert backends.ec2(REGION).enis == {}
    groups = eks.ec2.describe_security_groups()["SecurityGroups"]
    assert {group["GroupName"] for group in groups} == {"default"}
    eks.create()
