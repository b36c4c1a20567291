"""Instance types, asked for and refused as AWS does it.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html
"""

from typing import Any

import pytest

from localcloud.aws import backends
from tests.api.aws.support import Client, Eks, Vpc, refusal


def offered(client: Client, *types: str, **more: Any) -> list[tuple[str, str]]:
    filters = [{"Name": "instance-type", "Values": list(types)}]
    found = client("ec2").describe_instance_type_offerings(Filters=filters, **more)
    return [(each["InstanceType"], each["Location"]) for each in found["InstanceTypeOfferings"]]


def test_offerings_are_filtered_with_wildcards(client: Client) -> None:
    assert offered(client, "t3.medium") == [("t3.medium", "eu-west-1")]
    assert offered(client, "t3.nosuch") == []
    assert {name for name, _ in offered(client, "t3.*")} > {"t3.micro", "t3.medium"}
    assert {name for name, _ in offered(client, "t?.nano")} >= {"t2.nano", "t3.nano"}
    zones = {zone for _, zone in offered(client, "t3.medium", LocationType="availability-zone")}
    assert zones == {"eu-west-1a", "eu-west-1b", "eu-west-1c"}
    call = client("ec2").describe_instance_type_offerings
    code, message = refusal(call, Filters=[{"Name": "type", "Values": ["t3.medium"]}])
    assert (code, message) == ("InvalidParameterValue", "The filter 'type' is invalid")


def test_an_instance_of_a_type_that_is_not_offered_is_refused(client: Client, vpc: Vpc) -> None:
    ec2 = client("ec2")
    given = vpc.launch_arguments(InstanceType="t3.nosuch")
    refused = ("InvalidParameterValue", "Invalid value 't3.nosuch' for InstanceType.")
    assert refusal(ec2.run_instances, **given) == refused
    assert ec2.describe_instances()["Reservations"] == []
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    made = vpc.launch()["InstanceId"]
    ec2.stop_instances(InstanceIds=[made])
    change = {"InstanceId": made, "InstanceType": {"Value": "t3.nosuch"}}
    assert refusal(ec2.modify_instance_attribute, **change) == refused
    ec2.modify_instance_attribute(InstanceId=made, InstanceType={"Value": "t3.small"})


@pytest.mark.parametrize(
    ("instance_type", "words"),
    [
        ("t3.nosuch", "The following supplied instance types do not exist: [t3.nosuch]"),
        # https://github.com/eksctl-io/eksctl/issues/7754
        (
            "t4g.medium",
            "[t4g.medium] is not a valid instance type for requested amiType AL2023_x86",
        ),
    ],
)
@pytest.mark.parametrize("in_template", [False, True])
def test_a_node_group_of_such_a_type_leaves_nothing(
    client: Client, eks: Eks, instance_type: str, words: str, in_template: bool
) -> None:
    eks.active()
    ec2 = client("ec2")
    before = len(ec2.describe_network_interfaces()["NetworkInterfaces"])
    given: dict[str, Any] = {"instanceTypes": [instance_type]}
    if in_template:
        data = {"InstanceType": instance_type}
        call = {"LaunchTemplateName": "t", "LaunchTemplateData": data}
        made = ec2.create_launch_template(**call)["LaunchTemplate"]
        given = {"launchTemplate": {"id": made["LaunchTemplateId"]}}
    code, message = refusal(
        eks.client.create_nodegroup,
        clusterName="one",
        nodegroupName="nodes",
        nodeRole=eks.roles["node"],
        subnets=eks.vpc.subnets,
        **given,
    )
    assert code == "InvalidParameterException"
    assert words in message
    assert eks.client.list_nodegroups(clusterName="one")["nodegroups"] == []
    assert backends.iam().instance_profiles == {}
    assert ec2.describe_instances()["Reservations"] == []
    assert len(ec2.describe_network_interfaces()["NetworkInterfaces"]) == before
    assert eks.client.list_access_entries(clusterName="one")["accessEntries"] == [
        "arn:aws:iam::123456789012:user/developer"
    ]
