"""User data and spot instances are refused: no instance here would run the one or be the other."""

import pytest

from tests.api.aws.support import Client, refusal

SCRIPT = {"UserData": "IyEvYmluL3NoCnRvdWNoIC9kb25l"}  # base64, as launch templates carry it
SPOT = {"InstanceMarketOptions": {"MarketType": "spot"}}
ONE = {"MinCount": 1, "MaxCount": 1}


@pytest.mark.parametrize(
    ("operation", "params", "what"),
    [
        ("run_instances", {**ONE, **SCRIPT}, "UserData of RunInstances"),
        ("run_instances", {**ONE, **SPOT}, "InstanceMarketOptions of RunInstances"),
        (
            "modify_instance_attribute",
            {"InstanceId": "i-1", "UserData": {"Value": "true"}},
            "UserData of ModifyInstanceAttribute",
        ),
        (
            "create_launch_template",
            {"LaunchTemplateName": "other", "LaunchTemplateData": SCRIPT},
            "UserData of CreateLaunchTemplate",
        ),
        (
            "create_launch_template_version",
            {"LaunchTemplateName": "one", "LaunchTemplateData": SCRIPT},
            "UserData of CreateLaunchTemplateVersion",
        ),
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
