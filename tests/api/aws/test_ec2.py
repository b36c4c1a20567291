from typing import Any

import pytest

from localcloud.aws import backends
from localcloud.aws.api import AwsApi
from localcloud.aws.errors import AwsError
from tests.api.aws.support import REGION, Client, Vpc, refusal, refuses


@pytest.fixture
def ec2(vpc: Vpc) -> Any:
    return vpc.ec2


def test_an_image_is_found_by_its_name_and_no_other_launched(ec2: Any, vpc: Vpc) -> None:
    named = {"Name": "name", "Values": ["al2023-ami-2023*-x86_64"]}
    image = ec2.describe_images(Owners=["amazon"], Filters=[named])["Images"][0]["ImageId"]
    assert vpc.launch(ImageId=image)["ImageId"] == image
    call = vpc.launch_arguments(ImageId="ami-0123456789")
    assert refusal(vpc.ec2.run_instances, **call)[0] == "InvalidAMIID.NotFound"


def test_instances_and_interfaces_share_a_subnet_without_collision(ec2: Any, vpc: Vpc) -> None:
    interface = ec2.create_network_interface(SubnetId=vpc.subnets[0])["NetworkInterface"]
    once = {"ClientToken": "once"}  # which launches one instance
    first, again, second = vpc.launch(**once), vpc.launch(**once), vpc.launch()
    assert first["InstanceId"] == again["InstanceId"]
    found = [interface, first, second]
    assert [one["PrivateIpAddress"] for one in found] == ["10.0.0.4", "10.0.0.5", "10.0.0.6"]
    ec2.terminate_instances(InstanceIds=[first["InstanceId"]])
    assert vpc.launch()["PrivateIpAddress"] == "10.0.0.5"


def test_an_instances_groups_are_those_of_its_first_interface(ec2: Any, vpc: Vpc) -> None:
    one, two, three = vpc.security_groups("one", "two", "three")
    nic = {"DeviceIndex": 0, "SubnetId": vpc.subnets[0], "Groups": [one]}
    made = vpc.launch(NetworkInterfaces=[nic])
    number, interface = made["InstanceId"], made["NetworkInterfaces"][0]["NetworkInterfaceId"]

    def seen() -> list[list[str]]:
        (found,) = ec2.describe_instances(InstanceIds=[number])["Reservations"][0]["Instances"]
        groups = found["SecurityGroups"], found["NetworkInterfaces"][0]["Groups"]
        return [[group["GroupId"] for group in each] for each in groups]

    assert seen() == [[one], [one]]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[two])
    assert seen() == [[two], [two]]
    ec2.modify_instance_attribute(InstanceId=number, Groups=[three])
    assert seen() == [[three], [three]]


def test_what_is_in_use_cannot_be_deleted(ec2: Any, vpc: Vpc) -> None:
    (group,) = vpc.security_groups("one")
    number = vpc.launch(SecurityGroupIds=[group])["InstanceId"]
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
    named, naming = vpc.security_groups("named", "naming")
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
    (found,) = api.snapshots.vpcs()
    (gateway,) = found.nat_gateways
    assert (gateway.id, gateway.public_ip) == (made["NatGatewayId"], "198.51.100.1")
    ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    ec2.detach_internet_gateway(**detach)
    call = {"SubnetId": vpc.subnets[0], "AllocationId": number}
    assert refusal(ec2.create_nat_gateway, **call)[0] == "Gateway.NotAttached"
    ec2.release_address(AllocationId=number)
    ec2.delete_subnet(SubnetId=vpc.subnets[0])


def test_records_tell_instances_and_their_interfaces(api: AwsApi, ec2: Any, vpc: Vpc) -> None:
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "bastion"}]}]
    number = vpc.launch(TagSpecifications=tags)["InstanceId"]
    (instance,) = api.snapshots.instances()
    assert (instance.id, instance.name, instance.state) == (number, "bastion", "running")
    assert instance.private_ip == "10.0.0.4"
    assert instance.dns_name == "ip-10-0-0-4.eu-west-1.compute.internal"
    (interface,) = api.snapshots.vpcs()[0].interfaces
    assert (interface.host, interface.private_ip) == (number, "10.0.0.4")
    ec2.stop_instances(InstanceIds=[number])
    assert api.snapshots.vpcs()[0].interfaces == ()
    ec2.terminate_instances(InstanceIds=[number])
    assert api.snapshots.instances() == ()


def test_interfaces_leave_the_pods_addresses_alone(vpc: Vpc) -> None:
    ec2, subnet = backends.ec2(REGION), vpc.subnet("10.0.9.0/27")
    first = ec2.create_network_interface(subnet, None)
    assert ec2.assign_pod_prefix(first) == "10.0.9.16/28"
    made = [ec2.create_network_interface(subnet, None) for _ in range(11)]
    assert made[-1].private_ip_address == "10.0.9.15"
    with pytest.raises(AwsError, match="no free address"):
        ec2.create_network_interface(subnet, None)


@pytest.mark.parametrize(
    ("device", "ebs", "left"),
    [
        pytest.param("/dev/xvda", {}, 0, id="a root volume ends"),
        pytest.param("/dev/xvda", {"DeleteOnTermination": True}, 0, id="one ends that shall"),
        pytest.param("/dev/xvda", {"DeleteOnTermination": False}, 1, id="one stays that shall"),
        pytest.param("/dev/sdf", {}, 1, id="a data volume stays"),
    ],
)
def test_volumes_end_with_their_instance_as_their_kind_and_their_mapping_say(
    client: Client, vpc: Vpc, device: str, ebs: dict[str, bool], left: int
) -> None:
    volume = {"DeviceName": device, "Ebs": {"VolumeSize": 9, "Encrypted": True, **ebs}}
    number = vpc.launch(BlockDeviceMappings=[volume])["InstanceId"]
    vpc.ec2.terminate_instances(InstanceIds=[number])
    assert len(vpc.ec2.describe_volumes()["Volumes"]) == left
    (key,) = client("kms").list_keys()["Keys"]
    metadata = client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert metadata["KeyManager"] == "AWS"


def test_a_vpc_has_one_internet_gateway(ec2: Any, vpc: Vpc) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html"""
    other = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    call = {"InternetGatewayId": other, "VpcId": vpc.id}
    message = f"Network {vpc.id} already has an internet gateway attached"
    assert refusal(ec2.attach_internet_gateway, **call) == ("InvalidParameterValue", message)
    ec2.detach_internet_gateway(InternetGatewayId=vpc.gateway, VpcId=vpc.id)
    ec2.attach_internet_gateway(**call)


def test_a_subnet_follows_one_route_table(api: AwsApi, ec2: Any, vpc: Vpc) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
    one, other = (
        ec2.create_route_table(VpcId=vpc.id)["RouteTable"]["RouteTableId"] for _ in range(2)
    )
    ec2.create_route(RouteTableId=one, DestinationCidrBlock="0.0.0.0/0", GatewayId=vpc.gateway)
    call = {"SubnetId": vpc.subnets[0]}
    made = ec2.associate_route_table(RouteTableId=one, **call)["AssociationId"]
    (found,) = api.snapshots.vpcs()
    assert [subnet.default_route_target for subnet in found.subnets] == [vpc.gateway, None]
    assert found.internet_gateway == vpc.gateway
    words = f"for route table {other} conflicts"
    refuses(
        ec2.associate_route_table, "Resource.AlreadyAssociated", words, RouteTableId=other, **call
    )
    ec2.disassociate_route_table(AssociationId=made)
    ec2.associate_route_table(RouteTableId=other, **call)


def test_a_rule_is_changed_to_another_group_or_to_all_protocols(ec2: Any, vpc: Vpc) -> None:
    """docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleRequest.html"""
    group, first, second = vpc.security_groups("a", "b", "c")
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    (rule,) = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**permission, "UserIdGroupPairs": [{"GroupId": first}]}]
    )["SecurityGroupRules"]
    number = rule["SecurityGroupRuleId"]

    def changed(**to: Any) -> Any:
        change = {"SecurityGroupRuleId": number, "SecurityGroupRule": to}
        ec2.modify_security_group_rules(GroupId=group, SecurityGroupRules=[change])
        found = ec2.describe_security_group_rules(SecurityGroupRuleIds=[number])
        return found["SecurityGroupRules"][0]

    moved = changed(**permission, ReferencedGroupId=second)
    assert moved["ReferencedGroupInfo"]["GroupId"] == second
    everything = changed(IpProtocol="-1", ReferencedGroupId=second)
    assert (everything["IpProtocol"], everything["FromPort"]) == ("-1", -1)
