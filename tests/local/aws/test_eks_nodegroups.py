from ipaddress import IPv4Network
from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.eks.records import Nodegroup
from tests.local.aws.support import Client, Eks, refusal


@pytest.fixture
def cluster(eks: Eks) -> Eks:
    eks.active()
    return eks


def group(api: AwsApi) -> Nodegroup:
    (found,) = api.clusters.clusters()[0].nodegroups
    return found


def ids(api: AwsApi) -> list[str]:
    return [node.instance_id for node in group(api).nodes]


def test_nodes_are_instances_spread_over_the_subnets(
    api: AwsApi, client: Client, cluster: Eks
) -> None:
    made = cluster.nodegroup(labels={"a": "b"})
    assert made["status"] == "CREATING"
    nodes = group(api).nodes
    assert [node.zone for node in nodes] == ["eu-west-1a", "eu-west-1b"]
    assert [node.pod_prefix for node in nodes] == ["10.0.0.192/26", "10.0.1.192/26"]
    assert group(api).labels == {"a": "b"}
    (vpc,) = api.records.vpcs()
    prefixes = {one.host: one.prefixes for one in vpc.interfaces}
    assert prefixes[nodes[0].instance_id] == ("10.0.0.192/26",)
    found = client("ec2").describe_instances(InstanceIds=[nodes[0].instance_id])
    instance = found["Reservations"][0]["Instances"][0]
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    assert tags["eks:nodegroup-name"] == "nodes"
    assert tags["kubernetes.io/cluster/one"] == "owned"
    profile = instance["IamInstanceProfile"]["Arn"]
    assert ":instance-profile/eks-" in profile
    groups = [one["GroupId"] for one in instance["SecurityGroups"]]
    described = cluster.client.describe_cluster(name="one")["cluster"]
    assert groups == [described["resourcesVpcConfig"]["clusterSecurityGroupId"]]


def test_it_is_active_when_its_present_nodes_are_ready(api: AwsApi, cluster: Eks) -> None:
    cluster.nodegroup()
    api.clusters.nodegroup_ready("one", "nodes", ["i-other"])
    assert group(api).status == "CREATING"
    api.clusters.nodegroup_ready("one", "nodes", ids(api))
    assert group(api).status == "ACTIVE"


def test_scaling_launches_and_ends_instances(api: AwsApi, client: Client, cluster: Eks) -> None:
    cluster.nodegroup()
    api.clusters.nodegroup_ready("one", "nodes")
    before = ids(api)

    def scale(size: int) -> str:
        update = cluster.client.update_nodegroup_config(
            clusterName="one", nodegroupName="nodes", scalingConfig={"desiredSize": size}
        )["update"]
        assert group(api).status == "UPDATING"
        api.clusters.nodegroup_ready("one", "nodes", ids(api))
        found = cluster.client.describe_update(
            name="one", nodegroupName="nodes", updateId=update["id"]
        )
        return str(found["update"]["status"])

    assert scale(4) == "Successful"
    assert ids(api)[:2] == before
    blocks = [IPv4Network(node.pod_prefix) for node in group(api).nodes]
    assert not any(a.overlaps(b) for a in blocks for b in blocks if a != b)
    assert scale(1) == "Successful"
    assert len(ids(api)) == 1
    leaving = [node.instance_id for node in group(api).leaving]
    assert {one.id for one in api.records.instances()} == {*ids(api), *leaving}
    client("ec2").terminate_instances(InstanceIds=leaving[:1])
    for instance_id in leaving[1:]:  # once their nodes are drained: see test_drain.py
        api.clusters.node_gone("one", "nodes", instance_id)
    assert group(api).leaving == ()
    assert [one.id for one in api.records.instances()] == ids(api)


def test_a_group_that_is_scaled_down_and_deleted_leaves_no_instance(
    api: AwsApi, cluster: Eks
) -> None:
    cluster.nodegroup()
    api.clusters.nodegroup_ready("one", "nodes")
    cluster.client.update_nodegroup_config(
        clusterName="one", nodegroupName="nodes", scalingConfig={"desiredSize": 1}
    )
    cluster.client.delete_nodegroup(clusterName="one", nodegroupName="nodes")
    api.clusters.nodegroup_gone("one", "nodes")
    assert api.records.instances() == ()


def test_an_instance_that_ends_behind_its_back_is_replaced(
    api: AwsApi, client: Client, cluster: Eks
) -> None:
    cluster.nodegroup()
    api.clusters.nodegroup_ready("one", "nodes")
    first, second = ids(api)
    client("ec2").terminate_instances(InstanceIds=[first])
    assert second in ids(api)
    assert len(ids(api)) == 2
    assert first not in ids(api)
    assert {node.zone for node in group(api).nodes} == {"eu-west-1a", "eu-west-1b"}


def test_labels_and_taints_change(api: AwsApi, cluster: Eks) -> None:
    taint = {"key": "k", "value": "v", "effect": "NO_SCHEDULE"}
    cluster.nodegroup(labels={"a": "1", "b": "2"}, taints=[taint])
    api.clusters.nodegroup_ready("one", "nodes")
    cluster.client.update_nodegroup_config(
        clusterName="one",
        nodegroupName="nodes",
        labels={"addOrUpdateLabels": {"c": "3"}, "removeLabels": ["a"]},
        taints={"removeTaints": [taint]},
    )
    assert group(api).labels == {"b": "2", "c": "3"}
    assert group(api).taints == ()


def test_gone_ends_its_instances_and_frees_the_role(
    api: AwsApi, client: Client, cluster: Eks
) -> None:
    cluster.nodegroup()
    cluster.client.delete_nodegroup(clusterName="one", nodegroupName="nodes")
    assert group(api).status == "DELETING"
    assert len(ids(api)) == 2
    api.clusters.nodegroup_gone("one", "nodes")
    assert api.clusters.clusters()[0].nodegroups == ()
    assert api.records.instances() == ()
    client("iam").delete_role(RoleName="node")


def test_a_launch_template_is_honoured(client: Client, api: AwsApi, cluster: Eks) -> None:
    ec2 = client("ec2")
    data = {
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        "InstanceType": "t3.large",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 33}}],
    }
    made = ec2.create_launch_template(LaunchTemplateName="lt", LaunchTemplateData=data)
    template = {"id": made["LaunchTemplate"]["LaunchTemplateId"]}
    cluster.nodegroup(launchTemplate=template)
    found = ec2.describe_instances(InstanceIds=ids(api)[:1])["Reservations"][0]["Instances"][0]
    assert found["InstanceType"] == "t3.large"
    assert found["MetadataOptions"]["HttpTokens"] == "required"
    volume = found["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    assert ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Size"] == 33


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"amiType": "BOTTLEROCKET_x86_64"}, "the AMI type BOTTLEROCKET_x86_64"),
        ({"capacityType": "SPOT"}, "the capacity type SPOT"),
        ({"instanceTypes": ["t3.small", "t3.large"]}, "more than one instance type"),
        ({"sizes": (3, 4, 2)}, "Minimum capacity 3 can't be greater than desired size 2"),
        ({"sizes": (1, 1, 2)}, "desired capacity 2 can't be greater than max size 1"),
        ({"subnets": ["subnet-0"]}, "'subnet-0' does not exist"),
        ({"nodeRole": "arn:aws:iam::123456789012:role/cluster"}, "could not be assumed"),
        ({"launchTemplate": {"id": "lt-0"}}, "launch template that exists"),
        ({"remoteAccess": {"ec2SshKey": "k"}}, "remoteAccess of CreateNodegroup"),
    ],
)
def test_node_groups_that_are_refused(cluster: Eks, more: dict[str, Any], words: str) -> None:
    sizes = dict(
        zip(("minSize", "maxSize", "desiredSize"), more.pop("sizes", (1, 2, 2)), strict=True)
    )
    call = {
        "subnets": cluster.vpc.subnets,
        "nodeRole": cluster.roles["node"],
        "scalingConfig": sizes,
        **more,
    }
    names = {"clusterName": "one", "nodegroupName": "nodes"}
    code, message = refusal(cluster.client.create_nodegroup, **names, **call)
    assert code == "InvalidParameterException"
    assert words in message


def test_a_cluster_that_is_not_active_takes_no_node_group(eks: Eks) -> None:
    eks.create()
    names = {"clusterName": "one", "nodegroupName": "nodes"}
    call = {"subnets": eks.vpc.subnets, "nodeRole": eks.roles["node"]}
    assert "not in ACTIVE" in refusal(eks.client.create_nodegroup, **names, **call)[1]
