"""EKS operations of which a later step fails: nothing is left, or the record tells.

CreateNodegroup answers before there are instances, so whatever keeps them from being launched is
told by the node group's status and health: API_CreateNodegroup.html, API_Issue.html of the EKS
API reference, and github.com/terraform-aws-modules/terraform-aws-eks/issues/1843.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.aws import backends
from localcloud.aws.api import AwsApi
from localcloud.aws.eks import nodes
from localcloud.aws.errors import AwsError
from tests.local.aws.support import REGION, Client, Eks, refusal

STEPS = (
    ("iam", "create_instance_profile", 1),
    ("ec2", "run_instances", 1),
    ("ec2", "run_instances", 2),
    ("ec2", "create_network_interface", 2),
    ("ec2", "associate_iam_instance_profile", 2),
    ("ec2", "assign_pod_prefix", 1),
)  # the calls that fail, from the given one on
NODES = {"clusterName": "one", "nodegroupName": "nodes"}


@pytest.fixture
def cluster(eks: Eks) -> Eks:
    eks.active()
    return eks


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes every call of a backend's method fail, from the given one on."""

    def make(service: str, method: str, first: int, error: Exception) -> None:
        kind: Any = type(backends.ec2(REGION) if service == "ec2" else backends.iam())
        real, calls = getattr(kind, method), 0

        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls >= first:
                raise error
            return real(*args, **kwargs)

        monkeypatch.setattr(kind, method, call)

    return make


def described(cluster: Eks) -> dict[str, Any]:
    found: dict[str, Any] = cluster.client.describe_nodegroup(**NODES)["nodegroup"]
    return found


def issue(cluster: Eks) -> str:
    (found,) = described(cluster)["health"]["issues"]
    return str(found["code"])


def of_the_group(api: AwsApi) -> set[str]:
    """The group's instances; they are all there are."""
    (group,) = api.clusters.clusters()[0].nodegroups
    ids = {node.instance_id for node in group.nodes}
    assert {one.id for one in api.records.instances()} == ids
    return ids


def scale(cluster: Eks, size: int) -> dict[str, Any]:
    update = cluster.client.update_nodegroup_config(**NODES, scalingConfig={"desiredSize": size})
    found = cluster.client.describe_update(
        name="one", nodegroupName="nodes", updateId=update["update"]["id"]
    )
    return dict(found["update"])


def delete(api: AwsApi, client: Client, cluster: Eks) -> None:
    """Delete the group and look for what is left of it."""
    cluster.client.delete_nodegroup(**NODES)
    api.clusters.nodegroup_gone("one", "nodes")
    assert api.clusters.clusters()[0].nodegroups == ()
    assert api.records.instances() == ()
    assert client("iam").list_instance_profiles()["InstanceProfiles"] == []
    interfaces = backends.ec2(REGION).enis.values()
    assert all(eni.requester_id == "amazon-eks" for eni in interfaces)


@pytest.mark.parametrize("error", [AwsError("VolumeLimitExceeded", "too many"), KeyError("fault")])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[1]}-{step[2]}")
def test_a_creation_that_fails_midway_tells_and_can_be_deleted_and_made_again(
    api: AwsApi, client: Client, cluster: Eks, failing: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch, step: tuple[str, str, int], error: Exception,
) -> None:  # fmt: skip
    failing(*step, error)
    mark = api.changes.seen({"ec2", "eks"})
    assert cluster.nodegroup()["status"] == "CREATING"
    assert api.changes.seen({"ec2", "eks"}) > mark
    assert described(cluster)["status"] == "CREATE_FAILED"
    launch = isinstance(error, AwsError)
    assert issue(cluster) == ("AsgInstanceLaunchFailures" if launch else "InternalFailure")
    assert len(of_the_group(api)) == step[2] - 1
    monkeypatch.undo()
    delete(api, client, cluster)
    cluster.nodegroup()
    assert described(cluster)["status"] == "CREATING"
    assert len(of_the_group(api)) == 2
    delete(api, client, cluster)
    client("iam").delete_role(RoleName="node")


def test_a_role_that_is_gone_meanwhile_is_named(
    cluster: Eks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any, **kwargs: Any) -> None:
        backends.iam().roles.clear()
        raise AwsError("NoSuchEntity", "Role node not found")

    monkeypatch.setattr(type(backends.iam()), "create_instance_profile", gone)
    cluster.nodegroup()
    assert issue(cluster) == "IamNodeRoleNotFound"


def full(subnet: str, left: int = 0) -> None:
    """Take all addresses of a subnet but `left`."""
    ec2: Any = backends.ec2(REGION)
    with contextlib.suppress(AwsError):
        while True:
            ec2.create_network_interface(subnet, None)
    for _ in range(left):
        ec2.enis.popitem()


@pytest.fixture
def small(cluster: Eks) -> list[str]:
    """Two more subnets, of 11 addresses."""
    ec2: Any = backends.ec2(REGION)
    return [
        ec2.create_subnet(cluster.vpc.id, f"10.0.9.{16 * n}/28", None, f"{REGION}{zone}").id
        for n, zone in enumerate("ab")
    ]


@pytest.mark.parametrize("left", [0, 1])
def test_subnets_without_free_addresses_fail_the_group(
    api: AwsApi, cluster: Eks, small: list[str], left: int
) -> None:
    for subnet in small:
        full(subnet, left)
    cluster.nodegroup(subnets=small)
    assert described(cluster)["status"] == "CREATE_FAILED"
    assert issue(cluster) == "InsufficientFreeAddresses"
    assert described(cluster)["health"]["issues"][0]["resourceIds"] == small
    assert of_the_group(api) == set()


def test_a_subnet_that_is_full_leaves_its_share_to_the_others(
    api: AwsApi, cluster: Eks, small: list[str]
) -> None:
    full(small[0])
    cluster.nodegroup(subnets=[small[0], cluster.vpc.subnets[1]])
    assert described(cluster)["status"] == "CREATING"
    (group,) = api.clusters.clusters()[0].nodegroups
    assert [node.zone for node in group.nodes] == [f"{REGION}b"] * 2


def test_scaling_up_that_fails_degrades_the_group_until_it_can_be_done(
    api: AwsApi, client: Client, cluster: Eks, small: list[str]
) -> None:
    cluster.nodegroup(sizes=(1, 4, 1), subnets=[cluster.vpc.subnets[0], small[1]])
    api.clusters.nodegroup_ready("one", "nodes")
    (first,) = of_the_group(api)
    client("ec2").delete_subnet(SubnetId=small[1])
    full(cluster.vpc.subnets[0])
    update = scale(cluster, 3)
    assert (update["status"], update["errors"][0]["errorCode"]) == ("Failed", "SubnetNotFound")
    assert (described(cluster)["status"], issue(cluster)) == ("DEGRADED", "Ec2SubnetNotFound")
    assert of_the_group(api) == {first}
    api.clusters.nodegroup_ready("one", "nodes", [first])
    assert described(cluster)["status"] == "DEGRADED"
    ec2: Any = backends.ec2(REGION)
    free = [eni for eni in ec2.enis.values() if not eni.instance and not eni.requester_managed]
    for eni in free:
        client("ec2").delete_network_interface(NetworkInterfaceId=eni.id)
    assert len(of_the_group(api)) == 3
    api.clusters.nodegroup_ready("one", "nodes")
    assert described(cluster)["health"]["issues"] == []
    assert described(cluster)["status"] == "ACTIVE"


def test_scaling_down_again_mends_a_group_that_could_not_grow(
    api: AwsApi, cluster: Eks, failing: Callable[..., None]
) -> None:
    cluster.nodegroup(sizes=(1, 4, 1))
    api.clusters.nodegroup_ready("one", "nodes")
    failing("ec2", "run_instances", 1, AwsError("VcpuLimitExceeded", "no more"))
    assert scale(cluster, 2)["status"] == "Failed"
    assert issue(cluster) == "InstanceLimitExceeded"
    scale(cluster, 1)
    api.clusters.nodegroup_ready("one", "nodes")
    assert described(cluster)["status"] == "ACTIVE"


def test_a_group_is_deleted_although_its_parts_are_gone_already(
    api: AwsApi, client: Client, cluster: Eks
) -> None:
    cluster.nodegroup()
    api.clusters.nodegroup_ready("one", "nodes")
    iam, ec2 = client("iam"), client("ec2")
    (profile,) = iam.list_instance_profiles()["InstanceProfiles"]
    named = {"InstanceProfileName": profile["InstanceProfileName"]}
    iam.remove_role_from_instance_profile(**named, RoleName="node")
    iam.delete_instance_profile(**named)
    scale(cluster, 3)
    assert issue(cluster) == "IamInstanceProfileNotFound"
    first, second = of_the_group(api)
    protected = {"InstanceId": first, "DisableApiTermination": {"Value": True}}
    ec2.modify_instance_attribute(**protected)
    cluster.client.delete_nodegroup(**NODES)
    ec2.terminate_instances(InstanceIds=[second])
    delete(api, client, cluster)
    iam.delete_role(RoleName="node")


def test_a_launch_that_fails_midway_leaves_no_instance(client: Client, cluster: Eks) -> None:
    """RunInstances launches all, or none: API_RunInstances.html, MinCount."""
    subnet = cluster.vpc.subnets[0]
    full(subnet, 1)
    launch = {"ImageId": nodes.image(REGION), "MinCount": 2, "MaxCount": 2, "SubnetId": subnet}
    code, _ = refusal(client("ec2").run_instances, **launch)
    assert code == "InsufficientFreeAddressesInSubnet"
    assert client("ec2").describe_instances()["Reservations"] == []
    client("ec2").run_instances(**{**launch, "MinCount": 1, "MaxCount": 1})


@pytest.mark.parametrize(
    "step",
    [("ec2", "authorize_security_group_ingress", 1), ("ec2", "create_network_interface", 2)],
    ids=lambda step: step[1],
)
def test_a_cluster_that_cannot_be_made_leaves_nothing(
    api: AwsApi, client: Client, eks: Eks, failing: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch, step: tuple[str, str, int],
) -> None:  # fmt: skip
    failing(*step, AwsError("InsufficientFreeAddressesInSubnet", "full"))
    network = {"subnetIds": eks.vpc.subnets}
    given = {"name": "one", "roleArn": eks.roles["cluster"], "resourcesVpcConfig": network}
    code, message = refusal(eks.client.create_cluster, **given)
    assert (code, message) == ("InvalidParameterException", "full")
    monkeypatch.undo()
    assert api.clusters.clusters() == []
    assert backends.ec2(REGION).enis == {}
    groups = client("ec2").describe_security_groups()["SecurityGroups"]
    assert {group["GroupName"] for group in groups} == {"default"}
    eks.create()
