"""Parameters that moto would ignore are refused by name, and what would change nothing is not."""

from typing import Any

import pytest

from tests.api.aws.support import Client, Vpc, refuses

TRUST = {"AssumeRolePolicyDocument": "{}"}
BLOCK = {"CidrBlock": "10.9.0.0/16"}


@pytest.mark.parametrize(
    ("service", "operation", "params", "name", "code"),
    [
        ("ec2", "create_vpc", {**BLOCK, "Ipv4IpamPoolId": "ipam-1"}, "Ipv4IpamPoolId of CreateVpc",
         "UnsupportedOperation"),
        ("ec2", "create_nat_gateway", {"SubnetId": "subnet-1", "AvailabilityMode": "regional"},
         "AvailabilityMode of CreateNatGateway", "UnsupportedOperation"),
        ("ec2", "terminate_instances", {"InstanceIds": ["i-1"], "SkipOsShutdown": True},
         "SkipOsShutdown of TerminateInstances", "UnsupportedOperation"),
        ("ec2", "run_instances", {"MinCount": 1, "MaxCount": 2}, "a MaxCount other than MinCount",
         "UnsupportedOperation"),
        ("iam", "create_user", {"UserName": "u", "PermissionsBoundary": "a" * 20},
         "PermissionsBoundary of CreateUser", "InvalidInput"),
        ("kms", "create_key", {"CustomKeyStoreId": "cks-1"}, "CustomKeyStoreId of CreateKey",
         "UnsupportedOperationException"),
        ("logs", "create_log_group", {"logGroupName": "g", "deletionProtectionEnabled": True},
         "deletionProtectionEnabled of CreateLogGroup", "InvalidParameterException"),
        ("logs", "filter_log_events", {"logGroupName": "g", "logStreamNamePrefix": "p"},
         "logStreamNamePrefix of FilterLogEvents", "InvalidParameterException"),
    ],
)  # fmt: skip
def test_a_parameter_that_moto_does_not_read_is_refused(
    client: Client, service: str, operation: str, params: dict[str, Any], name: str, code: str
) -> None:
    call = getattr(client(service), operation)
    refuses(call, code, name, **params)


def test_pages_tokens_and_values_that_are_off_are_accepted(client: Client, vpc: Vpc) -> None:
    client("ec2").create_route_table(VpcId=vpc.id, ClientToken="t", DryRun=False)
    client("kms").list_keys(Limit=5)
    client("logs").create_log_group(logGroupName="g", deletionProtectionEnabled=False)


def test_a_dry_run_changes_nothing(client: Client) -> None:
    """docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html"""
    ec2 = client("ec2")
    before = ec2.describe_vpcs()["Vpcs"]
    refuses(ec2.create_vpc, "DryRunOperation", "would have succeeded", **BLOCK, DryRun=True)
    assert ec2.describe_vpcs()["Vpcs"] == before
