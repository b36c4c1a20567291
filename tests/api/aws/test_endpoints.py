"""VPC endpoints, as docs.aws.amazon.com/vpc/latest/privatelink says of them."""

from typing import Any

import pytest

from localcloud.aws import backends
from localcloud.aws.api import AwsApi
from localcloud.aws.readers.ec2 import reaches
from tests.api.aws.support import REGION, Client, Vpc, refusal

PREFIX = f"com.amazonaws.{REGION}"


@pytest.fixture
def ec2(client: Client, vpc: Vpc) -> Any:
    """EC2's client; the VPC has the attributes that private DNS needs."""
    made = client("ec2")
    made.modify_vpc_attribute(VpcId=vpc.id, EnableDnsHostnames={"Value": True})
    return made


def interface(vpc: Vpc, service: str = "ec2", **more: Any) -> dict[str, Any]:
    """CreateVpcEndpoint's arguments for an interface endpoint."""
    name = {"ServiceName": f"{PREFIX}.{service}", "VpcEndpointType": "Interface"}
    return {"VpcId": vpc.id, **name, "SubnetIds": vpc.subnets, **more}


def create(ec2: Any, arguments: dict[str, Any]) -> Any:
    return ec2.create_vpc_endpoint(**arguments)["VpcEndpoint"]


def test_an_interface_endpoint_is_an_interface_in_each_subnet(
    api: AwsApi, ec2: Any, vpc: Vpc
) -> None:
    group, other = vpc.security_groups("endpoints", "other")
    made = create(ec2, interface(vpc, SecurityGroupIds=[group]))
    (found,) = api.snapshots.vpcs()
    assert {each.private_ip: each.groups for each in found.interfaces} == {
        "10.0.0.4": (group,),
        "10.0.1.4": (group,),
    }
    (endpoint,) = found.endpoints
    assert (endpoint.name, endpoint.addresses) == (
        f"ec2.{REGION}.amazonaws.com",
        ("10.0.0.4", "10.0.1.4"),
    )
    ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"], RemoveSubnetIds=vpc.subnets[:1],
        AddSecurityGroupIds=[other], RemoveSecurityGroupIds=[group],
    )  # fmt: skip
    (found,) = api.snapshots.vpcs()
    assert [(each.private_ip, each.groups) for each in found.interfaces] == [("10.0.1.4", (other,))]
    assert refusal(ec2.delete_vpc, VpcId=vpc.id)[0] == "DependencyViolation"
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    code, _ = refusal(ec2.describe_vpc_endpoints, VpcEndpointIds=[made["VpcEndpointId"]])
    assert code == "InvalidVpcEndpointId.NotFound"


def test_a_gateway_endpoint_is_a_route_of_its_tables(api: AwsApi, ec2: Any, vpc: Vpc) -> None:
    arguments = {"VpcId": vpc.id, "ServiceName": f"{PREFIX}.s3"}
    made = create(ec2, {**arguments, "RouteTableIds": [vpc.table]})
    vpc.launch()
    assert [subnet.s3 for subnet in api.snapshots.vpcs()[0].subnets] == [True, True]
    routes = ec2.describe_route_tables(RouteTableIds=[vpc.table])["RouteTables"][0]["Routes"]
    assert [each["GatewayId"] for each in routes] == ["local", made["VpcEndpointId"]]
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], RemoveRouteTableIds=[vpc.table])
    assert [subnet.s3 for subnet in api.snapshots.vpcs()[0].subnets] == [False, False]


@pytest.mark.parametrize(
    ("service", "more", "code", "words"),
    [
        ("nosuch", {}, "InvalidServiceName", "'com.amazonaws.eu-west-1.nosuch' does not exist"),
        ("s3", {}, "InvalidServiceName", "does not exist (as Interface"),
        ("ec2", {}, "InvalidParameter", f"conflicting DNS domain for ec2.{REGION}.amazonaws.com"),
        ("sts", {"PolicyDocument": "{}"}, "UnsupportedOperation", "PolicyDocument"),
    ],
)
def test_endpoints_that_are_refused(
    ec2: Any, vpc: Vpc, service: str, more: dict[str, Any], code: str, words: str
) -> None:
    create(ec2, interface(vpc))
    found = refusal(ec2.create_vpc_endpoint, **interface(vpc, service, **more))
    assert found[0] == code
    assert words in found[1]


def test_private_dns_needs_the_vpcs_host_names_and_a_zone_has_one_interface(
    client: Client, vpc: Vpc
) -> None:
    ec2 = client("ec2")
    assert "requires both" in refusal(ec2.create_vpc_endpoint, **interface(vpc))[1]
    subnets = [vpc.subnets[0], vpc.subnet("10.0.9.0/24")]
    call = interface(vpc, SubnetIds=subnets, PrivateDnsEnabled=False)
    assert refusal(ec2.create_vpc_endpoint, **call)[0] == "DuplicateSubnetsInSameZone"


def test_an_instance_reaches_aws_by_nat_or_by_endpoints_alone(ec2: Any, vpc: Vpc) -> None:
    """As docs.aws.amazon.com/systems-manager, setup-create-vpc.html."""
    instance = vpc.launch()["NetworkInterfaces"][0]["NetworkInterfaceId"]
    backend = backends.ec2(REGION)
    eni = backend.enis[instance]
    assert not reaches(backend, eni, ["ssm", "ssmmessages"])
    create(ec2, interface(vpc, "ssm"))
    assert not reaches(backend, eni, ["ssm", "ssmmessages"])
    create(ec2, interface(vpc, "ssmmessages"))
    assert reaches(backend, eni, ["ssm", "ssmmessages"])
    assert not reaches(backend, eni, ["ec2"])
    vpc.open()
    assert reaches(backend, eni, ["ec2"])


def test_flow_logs_are_delivered_to_a_log_group_that_exists(
    client: Client, ec2: Any, vpc: Vpc
) -> None:
    """docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html"""
    client("logs").create_log_group(logGroupName="/flows")
    arn = f"arn:aws:logs:{REGION}:123456789012:log-group"
    call = {"ResourceIds": [vpc.id], "ResourceType": "VPC", "TrafficType": "ALL"}
    role = {"DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flows"}
    for name in ("/flows", "/nosuch"):
        ec2.create_flow_logs(LogDestination=f"{arn}:{name}", **call, **role)
    found = ec2.describe_flow_logs()["FlowLogs"]
    assert {each["LogGroupName"]: each["DeliverLogsStatus"] for each in found} == {
        "/flows": "SUCCESS",
        "/nosuch": "FAILED",
    }
    refused = refusal(ec2.create_flow_logs, LogDestinationType="s3", LogDestination=arn, **call)
    assert refused[0] == "UnsupportedOperation"
