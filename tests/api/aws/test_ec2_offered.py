"""What EC2 offers here: instance types as AWS does it, but no user data and no spot instances."""

from typing import Any

import pytest

from tests.api.aws.support import Client, Vpc, refusal


def offered(client: Client, *types: str, **more: Any) -> list[tuple[str, str]]:
    filters = [{"Name": "instance-type", "Values": list(types)}]
    found = client("ec2").describe_instance_type_offerings(Filters=filters, **more)
    return [(each["InstanceType"], each["Location"]) for each in found["InstanceTypeOfferings"]]


def test_offerings_are_filtered_with_wildcards(client: Client) -> None:
    """docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html"""
    assert offered(client, "t3.medium") == [("t3.medium", "eu-west-1")]
    assert offered(client, "t3.nosuch") == []
    assert {name for name, _ in offered(client, "t3.*")} > {"t3.micro", "t3.medium"}
    assert {name for name, _ in offered(client, "t?.nano")} >= {"t2.nano", "t3.nano"}
    zones = {zone for _, zone in offered(client, "t3.medium", LocationType="availability-zone")}
    assert zones == {"eu-west-1a", "eu-west-1b", "eu-west-1c"}
    call = client("ec2").describe_instance_type_offerings
    refused = ("InvalidParameterValue", "The filter 'type' is invalid")
    assert refusal(call, Filters=[{"Name": "type", "Values": ["t3.medium"]}]) == refused


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


SCRIPT = {"UserData": "IyEvYmluL3NoCnRvdWNoIC9kb25l"}  # base64, as launch templates carry it
SPOT = {"InstanceMarketOptions": {"MarketType": "spot"}}
ONE = {"MinCount": 1, "MaxCount": 1}
CHANGE = {"InstanceId": "i-1", "UserData": {"Value": "true"}}
VERSION = {"LaunchTemplateName": "one", "LaunchTemplateData": SCRIPT}
OTHER = {**VERSION, "LaunchTemplateName": "other"}


@pytest.mark.parametrize(
    ("operation", "params", "what"),
    [
        ("run_instances", ONE | SCRIPT, "UserData of RunInstances"),
        ("run_instances", ONE | SPOT, "InstanceMarketOptions of RunInstances"),
        ("modify_instance_attribute", CHANGE, "UserData of ModifyInstanceAttribute"),
        ("create_launch_template", OTHER, "UserData of CreateLaunchTemplate"),
        ("create_launch_template_version", VERSION, "UserData of CreateLaunchTemplateVersion"),
        ("request_spot_instances", {}, "RequestSpotInstances"),
    ],
)
def test_user_data_and_spot_instances_are_refused(
    client: Client, operation: str, params: dict[str, object], what: str
) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html"""
    ec2, data = client("ec2"), {"InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName="one", LaunchTemplateData=data)
    refused = ("UnsupportedOperation", f"{what} is not offered by the local cloud")
    assert refusal(getattr(ec2, operation), **params) == refused
    (template,) = ec2.describe_launch_templates()["LaunchTemplates"]
    assert template["LatestVersionNumber"] == 1


def test_the_topology_of_instances_is_refused_as_in_regions_without_it(client: Client) -> None:
    """Whoever asks for it goes on then: github.com/kubernetes/cloud-provider-aws topology.go."""
    call = client("ec2").describe_instance_topology
    assert refusal(call)[0] == "UnsupportedOperation"
