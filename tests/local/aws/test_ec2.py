from typing import Any

import pytest

from localcloud.aws import backends
from localcloud.aws.api import AwsApi
from localcloud.aws.errors import AwsError
from tests.local.aws.support import REGION, Client, Vpc, refusal


@pytest.fixture
def ec2(client: Client) -> Any:
    return client("ec2")


def image(ec2: Any) -> str:
    found = ec2.describe_images(
        Owners=["amazon"],
        Filters=[{"Name": "name", "Values": ["al2023-ami-2023*-x86_64"]}],
    )
    return str(found["Images"][0]["ImageId"])


def launch(ec2: Any, vpc: Vpc, **more: Any) -> Any:
    given = {"ImageId": image(ec2), "InstanceType": "t3.micro"}
    if "NetworkInterfaces" not in more:
        given["SubnetId"] = vpc.subnets[0]
    made = ec2.run_instances(**given, MinCount=1, MaxCount=1, **more)
    return made["Instances"][0]


def test_instances_and_interfaces_share_a_subnet_without_collision(ec2: Any, vpc: Vpc) -> None:
    interface = ec2.create_network_interface(SubnetId=vpc.subnets[0])["NetworkInterface"]
    first, second = launch(ec2, vpc), launch(ec2, vpc)
    found = [interface, first, second]
    assert [one["PrivateIpAddress"] for one in found] == ["10.0.0.4", "10.0.0.5", "10.0.0.6"]
    ec2.terminate_instances(InstanceIds=[first["InstanceId"]])
    assert launch(ec2, vpc)["PrivateIpAddress"] == "10.0.0.5"


def test_an_instances_groups_are_those_of_its_first_interface(ec2: Any, vpc: Vpc) -> None:
    groups = [
        ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc.id)["GroupId"]
        for name in ("one", "two", "three")
    ]
    nic = {"DeviceIndex": 0, "SubnetId": vpc.subnets[0], "Groups": [groups[0]]}
    made = launch(ec2, vpc, NetworkInterfaces=[nic])
    number, interface = made["InstanceId"], made["NetworkInterfaces"][0]["NetworkInterfaceId"]

    def seen() -> tuple[list[str], list[str]]:
        found = ec2.describe_instances(InstanceIds=[number])["Reservations"][0]["Instances"][0]
        first = found["NetworkInterfaces"][0]
        return [g["GroupId"] for g in found["SecurityGroups"]], [
            g["GroupId"] for g in first["Groups"]
        ]

    assert seen() == ([groups[0]], [groups[0]])
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[groups[1]])
    assert seen() == ([groups[1]], [groups[1]])
    ec2.modify_instance_attribute(InstanceId=number, Groups=[groups[2]])
    assert seen() == ([groups[2]], [groups[2]])


def test_a_client_token_launches_once(ec2: Any, vpc: Vpc) -> None:
    first, second = (launch(ec2, vpc, ClientToken="once") for _ in range(2))
    assert first["InstanceId"] == second["InstanceId"]


def test_an_unknown_image_is_refused(ec2: Any, vpc: Vpc) -> None:
    code, _ = refusal(
        ec2.run_instances, ImageId="ami-0123456789", MinCount=1, MaxCount=1, SubnetId=vpc.subnets[0]
    )
    assert code == "InvalidAMIID.NotFound"


def test_what_is_in_use_cannot_be_deleted(ec2: Any, vpc: Vpc) -> None:
    group = ec2.create_security_group(GroupName="one", Description="d", VpcId=vpc.id)["GroupId"]
    number = launch(ec2, vpc, SecurityGroupIds=[group])["InstanceId"]
    for call, params in (
        (ec2.delete_subnet, {"SubnetId": vpc.subnets[0]}),
        (ec2.delete_security_group, {"GroupId": group}),
        (ec2.delete_vpc, {"VpcId": vpc.id}),
    ):
        assert refusal(call, **params)[0] == "DependencyViolation"
    ec2.terminate_instances(InstanceIds=[number])
    ec2.delete_security_group(GroupId=group)
    for subnet in vpc.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    assert refusal(ec2.delete_vpc, VpcId=vpc.id)[0] == "DependencyViolation"  # the gateway
    ec2.detach_internet_gateway(InternetGatewayId=vpc.gateway, VpcId=vpc.id)
    ec2.delete_vpc(VpcId=vpc.id)


def test_a_group_that_another_names_cannot_be_deleted(ec2: Any, vpc: Vpc) -> None:
    named, naming = (
        ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc.id)["GroupId"]
        for name in ("named", "naming")
    )
    pair = {"GroupId": named, "Description": "from named"}
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [pair]}
    ec2.authorize_security_group_ingress(GroupId=naming, IpPermissions=[rule])
    filters = [{"Name": "group-id", "Values": [naming]}]
    rules = ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    assert [r.get("Description") for r in rules if not r["IsEgress"]] == ["from named"]
    assert refusal(ec2.delete_security_group, GroupId=named)[0] == "DependencyViolation"
    ec2.revoke_security_group_ingress(GroupId=naming, IpPermissions=[rule])
    ec2.delete_security_group(GroupId=named)


def test_a_nat_gateway_holds_its_address_until_it_is_deleted(
    api: AwsApi, ec2: Any, vpc: Vpc
) -> None:
    address = ec2.allocate_address(Domain="vpc")
    number = address["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=vpc.subnets[0], AllocationId=number)["NatGateway"]
    (described,) = made["NatGatewayAddresses"]
    assert described["PrivateIp"] == "10.0.0.4"
    assert described["PublicIp"] == address["PublicIp"] == "198.51.100.1"
    assert refusal(ec2.release_address, AllocationId=number)[0] == "InvalidIPAddress.InUse"
    detach = {"InternetGatewayId": vpc.gateway, "VpcId": vpc.id}
    assert refusal(ec2.detach_internet_gateway, **detach)[0] == "DependencyViolation"
    (found,) = api.records.vpcs()
    assert [(gateway.id, gateway.public_ip) for gateway in found.nat_gateways] == [
        (made["NatGatewayId"], "198.51.100.1")
    ]
    ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    ec2.release_address(AllocationId=number)
    ec2.delete_subnet(SubnetId=vpc.subnets[0])


def test_a_nat_gateway_needs_an_internet_gateway(ec2: Any, vpc: Vpc) -> None:
    ec2.detach_internet_gateway(InternetGatewayId=vpc.gateway, VpcId=vpc.id)
    number = ec2.allocate_address(Domain="vpc")["AllocationId"]
    call = {"SubnetId": vpc.subnets[0], "AllocationId": number}
    assert refusal(ec2.create_nat_gateway, **call)[0] == "Gateway.NotAttached"


def test_records_tell_the_way_out_of_a_subnet(api: AwsApi, ec2: Any, vpc: Vpc) -> None:
    table = ec2.create_route_table(VpcId=vpc.id)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=vpc.gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=vpc.subnets[0])
    launch(ec2, vpc)
    (found,) = api.records.vpcs()
    assert [subnet.way_out for subnet in found.subnets] == [vpc.gateway, None]
    assert found.internet_gateway == vpc.gateway


def test_records_tell_instances_and_their_interfaces(api: AwsApi, ec2: Any, vpc: Vpc) -> None:
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "bastion"}]}]
    made = launch(ec2, vpc, TagSpecifications=tags)
    (instance,) = api.records.instances()
    assert (instance.id, instance.name, instance.private_ip, instance.state) == (
        made["InstanceId"],
        "bastion",
        "10.0.0.4",
        "running",
    )
    assert instance.dns_name == "ip-10-0-0-4.eu-west-1.compute.internal"
    (found,) = api.records.vpcs()
    assert [(one.host, one.private_ip) for one in found.interfaces] == [
        (made["InstanceId"], "10.0.0.4")
    ]
    ec2.stop_instances(InstanceIds=[made["InstanceId"]])
    assert api.records.vpcs()[0].interfaces == ()
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
    assert api.records.instances() == ()


def test_a_launch_template_tells_its_present_tags(ec2: Any) -> None:
    data = {"InstanceType": "t3.micro"}
    made = ec2.create_launch_template(LaunchTemplateName="lt", LaunchTemplateData=data)
    number = made["LaunchTemplate"]["LaunchTemplateId"]
    ec2.create_tags(Resources=[number], Tags=[{"Key": "a", "Value": "b"}])
    (found,) = ec2.describe_launch_templates(LaunchTemplateIds=[number])["LaunchTemplates"]
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]


def test_interfaces_leave_the_pods_addresses_alone(vpc: Vpc) -> None:
    ec2 = backends.ec2(REGION)
    subnet = ec2.create_subnet(vpc.id, "10.0.9.0/27", None, f"{REGION}a")
    first = ec2.create_network_interface(subnet, None)
    assert ec2.assign_pod_prefix(first) == "10.0.9.16/28"
    made = [ec2.create_network_interface(subnet, None) for _ in range(11)]
    assert made[-1].private_ip_address == "10.0.9.15"
    with pytest.raises(AwsError, match="no free address"):
        ec2.create_network_interface(subnet, None)


@pytest.mark.parametrize(
    ("ebs", "left"),
    [({}, 0), ({"DeleteOnTermination": True}, 0), ({"DeleteOnTermination": False}, 1)],
)
def test_a_root_volume_ends_with_its_instance_unless_told(
    ec2: Any, vpc: Vpc, ebs: dict[str, bool], left: int
) -> None:
    root = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 9, "Encrypted": True, **ebs}}
    number = launch(ec2, vpc, BlockDeviceMappings=[root])["InstanceId"]
    ec2.terminate_instances(InstanceIds=[number])
    assert len(ec2.describe_volumes()["Volumes"]) == left


def test_a_data_volume_outlives_its_instance_unless_told(ec2: Any, vpc: Vpc) -> None:
    data = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 9}}
    number = launch(ec2, vpc, BlockDeviceMappings=[data])["InstanceId"]
    ec2.terminate_instances(InstanceIds=[number])
    assert len(ec2.describe_volumes()["Volumes"]) == 1


def test_the_key_of_encrypted_volumes_is_aws_own(client: Client, ec2: Any, vpc: Vpc) -> None:
    root = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 9, "Encrypted": True}}
    launch(ec2, vpc, BlockDeviceMappings=[root])
    kms = client("kms")
    (key,) = kms.list_keys()["Keys"]
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyManager"] == "AWS"


def test_a_vpc_has_one_internet_gateway(ec2: Any, vpc: Vpc) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html"""
    other = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    call = {"InternetGatewayId": other, "VpcId": vpc.id}
    message = f"Network {vpc.id} already has an internet gateway attached"
    assert refusal(ec2.attach_internet_gateway, **call) == ("InvalidParameterValue", message)
    ec2.detach_internet_gateway(InternetGatewayId=vpc.gateway, VpcId=vpc.id)
    ec2.attach_internet_gateway(**call)


def test_a_subnet_follows_one_route_table(ec2: Any, vpc: Vpc) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
    one, other = (
        ec2.create_route_table(VpcId=vpc.id)["RouteTable"]["RouteTableId"] for _ in range(2)
    )
    call = {"SubnetId": vpc.subnets[0]}
    made = ec2.associate_route_table(RouteTableId=one, **call)["AssociationId"]
    code, message = refusal(ec2.associate_route_table, RouteTableId=other, **call)
    assert code == "Resource.AlreadyAssociated"
    assert f"for route table {other} conflicts" in message
    ec2.disassociate_route_table(AssociationId=made)
    ec2.associate_route_table(RouteTableId=other, **call)
