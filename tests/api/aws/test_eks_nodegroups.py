from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

import pytest

from localcloud.aws import backends
from localcloud.aws.api import AwsApi
from tests.api.aws.support import IAM, NODES, Eks, refusal, refuses


def test_nodes_are_instances_spread_over_the_subnets(api: AwsApi, cluster: Eks) -> None:
    made = cluster.nodegroup(labels={"a": "b"})
    assert made["status"] == "CREATING"
    assert cluster.group.labels == {"a": "b"}
    nodes = cluster.group.nodes
    assert [node.zone for node in nodes] == ["eu-west-1a", "eu-west-1b"]
    assert [node.pod_prefix for node in nodes] == ["10.0.0.192/26", "10.0.1.192/26"]
    (vpc,) = api.snapshots.vpcs()
    prefixes = {one.host: one.prefixes for one in vpc.interfaces}
    assert prefixes[nodes[0].instance_id] == ("10.0.0.192/26",)
    found = cluster.ec2.describe_instances(InstanceIds=[nodes[0].instance_id])
    (instance,) = found["Reservations"][0]["Instances"]
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    assert tags["eks:nodegroup-name"] == "nodes"
    assert tags["kubernetes.io/cluster/one"] == "owned"
    assert ":instance-profile/eks-" in instance["IamInstanceProfile"]["Arn"]
    network = cluster.client.describe_cluster(name="one")["cluster"]["resourcesVpcConfig"]
    groups = [group["GroupId"] for group in instance["SecurityGroups"]]
    assert groups == [network["clusterSecurityGroupId"]]


def test_it_is_active_when_its_present_nodes_are_ready(cluster: Eks) -> None:
    cluster.nodegroup()
    cluster.nodegroup_ready("i-other")
    assert cluster.group.status == "CREATING"
    cluster.nodegroup_ready(*cluster.instances)
    assert cluster.group.status == "ACTIVE"


def test_scaling_launches_instances_and_ends_those_that_are_drained(cluster: Eks) -> None:
    cluster.nodegroup()
    cluster.nodegroup_ready()
    before = cluster.instances
    larger = cluster.scale(4)
    assert cluster.group.status == "UPDATING"
    cluster.nodegroup_ready(*cluster.instances)
    assert larger()["status"] == "Successful"
    assert cluster.instances[:2] == before
    blocks = [IPv4Network(node.pod_prefix) for node in cluster.group.nodes]
    assert not any(a.overlaps(b) for a, b in combinations(blocks, 2))
    smaller = cluster.scale(1)
    leaving = [node.instance_id for node in cluster.group.leaving]
    (stays,) = [node.instance_id for node in cluster.group.nodes]
    there = sorted(one.id for one in cluster.api.snapshots.instances())
    assert there == sorted([*leaving, stays])
    for node in leaving[1:]:  # as a reconciler tells
        cluster.api.clusters.node_gone("one", "nodes", node)
    cluster.nodegroup_ready(stays)
    assert smaller()["status"] == "Successful"
    assert sorted(one.id for one in cluster.api.snapshots.instances()) == sorted(
        [leaving[0], stays]
    )
    cluster.client.delete_nodegroup(**NODES)
    cluster.api.clusters.nodegroup_gone("one", "nodes")
    assert cluster.api.snapshots.instances() == ()


def test_an_instance_that_ends_behind_its_back_is_replaced(cluster: Eks) -> None:
    cluster.nodegroup()
    cluster.nodegroup_ready()
    first, second = cluster.instances
    cluster.ec2.terminate_instances(InstanceIds=[first])
    assert second in cluster.instances
    assert len(cluster.instances) == 2
    assert first not in cluster.instances
    assert {node.zone for node in cluster.group.nodes} == {"eu-west-1a", "eu-west-1b"}


def test_labels_and_taints_change(cluster: Eks) -> None:
    taint = {"key": "k", "value": "v", "effect": "NO_SCHEDULE"}
    cluster.nodegroup(labels={"a": "1", "b": "2"}, taints=[taint])
    cluster.nodegroup_ready()
    labels = {"addOrUpdateLabels": {"c": "3"}, "removeLabels": ["a"]}
    taints = {"removeTaints": [taint]}
    cluster.client.update_nodegroup_config(**NODES, labels=labels, taints=taints)
    assert cluster.group.labels == {"b": "2", "c": "3"}
    assert cluster.group.taints == ()


def test_gone_ends_its_instances_and_frees_the_role(api: AwsApi, cluster: Eks) -> None:
    cluster.nodegroup()
    attached = ("ResourceInUseException", "Cluster has nodegroups attached")
    assert refusal(cluster.client.delete_cluster, name="one") == attached
    cluster.client.delete_nodegroup(**NODES)
    assert cluster.group.status == "DELETING"
    assert len(cluster.instances) == 2
    api.clusters.nodegroup_gone("one", "nodes")
    assert cluster.record.nodegroups == ()
    assert api.snapshots.instances() == ()
    cluster.iam.delete_role(RoleName="node")


def test_a_launch_template_is_honoured(cluster: Eks) -> None:
    ec2 = cluster.ec2
    data = {
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        "InstanceType": "t3.large",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 33}}],
        "TagSpecifications": [
            {"ResourceType": kind, "Tags": [{"Key": "of", "Value": kind}]}
            for kind in ("instance", "volume", "network-interface")
        ],
    }
    made = ec2.create_launch_template(LaunchTemplateName="lt", LaunchTemplateData=data)
    cluster.nodegroup(launchTemplate={"id": made["LaunchTemplate"]["LaunchTemplateId"]})
    found = ec2.describe_instances(InstanceIds=cluster.instances[:1])["Reservations"][0]
    (instance,) = found["Instances"]
    assert instance["InstanceType"] == "t3.large"
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    volume = instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    (disk,) = ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
    assert (disk["Size"], disk["Tags"]) == (33, [{"Key": "of", "Value": "volume"}])
    eni = [instance["NetworkInterfaces"][0]["NetworkInterfaceId"]]
    (found,) = ec2.describe_network_interfaces(NetworkInterfaceIds=eni)["NetworkInterfaces"]
    assert found["TagSet"] == [{"Key": "of", "Value": "network-interface"}]
    assert {"Key": "of", "Value": "instance"} in instance["Tags"]


NO_SUCH_TYPE = "The following supplied instance types do not exist: [t3.nosuch]"
# https://github.com/eksctl-io/eksctl/issues/7754
ARM = "[t4g.medium] is not a valid instance type for requested amiType AL2023_x86"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"amiType": "BOTTLEROCKET_x86_64"}, "the AMI type BOTTLEROCKET_x86_64"),
        ({"capacityType": "SPOT"}, "the capacity type SPOT"),
        ({"instanceTypes": ["t3.small", "t3.large"]}, "more than one instance type"),
        ({"sizes": (3, 4, 2)}, "Minimum capacity 3 can't be greater than desired size 2"),
        ({"sizes": (1, 1, 2)}, "desired capacity 2 can't be greater than max size 1"),
        ({"subnets": ["subnet-0"]}, "'subnet-0' does not exist"),
        ({"nodeRole": f"{IAM}:role/cluster"}, "could not be assumed"),
        ({"launchTemplate": {"id": "lt-0"}}, "launch template that exists"),
        ({"launchTemplate": {"name": "t3.nosuch"}}, NO_SUCH_TYPE),
        ({"launchTemplate": {"name": "t4g.medium"}}, ARM),
        ({"instanceTypes": ["t3.nosuch"]}, NO_SUCH_TYPE),
        ({"instanceTypes": ["t4g.medium"]}, ARM),
        ({"remoteAccess": {"ec2SshKey": "k"}}, "remoteAccess of CreateNodegroup"),
    ],
)
def test_node_groups_that_are_refused_leave_nothing(
    cluster: Eks, more: dict[str, Any], words: str
) -> None:
    eks, ec2, call = cluster.client, cluster.ec2, cluster.nodegroup_arguments(**more)
    if name := call.get("launchTemplate", {}).get("name"):
        template = {"LaunchTemplateName": name, "LaunchTemplateData": {"InstanceType": name}}
        ec2.create_launch_template(**template)
    before = ec2.describe_network_interfaces()["NetworkInterfaces"]
    refuses(eks.create_nodegroup, "InvalidParameterException", words, **call)
    assert eks.list_nodegroups(clusterName="one")["nodegroups"] == []
    assert backends.iam().instance_profiles == {}
    assert ec2.describe_instances()["Reservations"] == []
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == before
    entries = eks.list_access_entries(clusterName="one")["accessEntries"]
    assert entries == [f"{IAM}:user/developer"]


def test_a_cluster_that_is_not_active_takes_no_node_group(eks: Eks) -> None:
    eks.create()
    call = eks.nodegroup_arguments()
    assert "not in ACTIVE" in refusal(eks.client.create_nodegroup, **call)[1]
