"""VPCs and subnets."""

from localcloud.plugins.aws.kinds import boolean, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import ApiCall, ResourceType, Timeouts
from localcloud.plugins.aws.rules import cidr, one_of
from localcloud.plugins.aws.types.ec2_shared import arn, attribute, tagging


def _attribute(name: str) -> ApiCall:
    return ApiCall("describe_vpc_attribute", lambda r: {"VpcId": r.id, "Attribute": name})


def _of_vpc(operation: str, path: str, *filters: tuple[str, str]) -> ApiCall:
    """The id of something that AWS makes with a VPC."""
    more = [{"Name": name, "Values": [value]} for name, value in filters]
    return ApiCall(
        operation,
        lambda r: {"Filters": [{"Name": "vpc-id", "Values": [r.id]}, *more]},
        path=f"{{id: {path}}}",
    )


VPC = ResourceType(
    token="aws:ec2/vpc:Vpc",
    service="ec2",
    properties={
        "cidrBlock": Prop(string(cidr), required=True, replace=True),
        "instanceTenancy": Prop(
            string(one_of("default", "dedicated")), replace=True, computed=True
        ),
        "enableDnsSupport": Prop(boolean(), default=True, read="support.EnableDnsSupport.Value"),
        "enableDnsHostnames": Prop(
            boolean(), default=False, read="hostnames.EnableDnsHostnames.Value"
        ),
    },
    outputs={
        "arn": arn("vpc"),
        "ownerId": "OwnerId",
        "dhcpOptionsId": "DhcpOptionsId",
        "defaultSecurityGroupId": "group.id",
        "defaultNetworkAclId": "acl.id",
        "defaultRouteTableId": "routes.id",
        "mainRouteTableId": "routes.id",
    },
    create=ApiCall("create_vpc", lambda r: r.creation("cidrBlock", "instanceTenancy"), "Vpc"),
    id="VpcId",
    read=ApiCall("describe_vpcs", lambda r: {"VpcIds": [r.id]}, "Vpcs[0]"),
    extra_reads={
        "support": _attribute("enableDnsSupport"),
        "hostnames": _attribute("enableDnsHostnames"),
        "group": _of_vpc(
            "describe_security_groups", "SecurityGroups[0].GroupId", ("group-name", "default")
        ),
        "acl": _of_vpc("describe_network_acls", "NetworkAcls[0].NetworkAclId", ("default", "true")),
        "routes": _of_vpc(
            "describe_route_tables", "RouteTables[0].RouteTableId", ("association.main", "true")
        ),
    },
    updates=(
        attribute("modify_vpc_attribute", "VpcId", "enableDnsSupport"),
        attribute("modify_vpc_attribute", "VpcId", "enableDnsHostnames"),
    ),
    delete=ApiCall("delete_vpc", lambda r: {"VpcId": r.id}),
    missing=("InvalidVpcID.NotFound",),
    busy=("DependencyViolation",),
    tagging=tagging("vpc"),
)

SUBNET = ResourceType(
    token="aws:ec2/subnet:Subnet",
    service="ec2",
    properties={
        "vpcId": Prop(required=True, replace=True),
        "cidrBlock": Prop(string(cidr), required=True, replace=True),
        "availabilityZone": Prop(replace=True, computed=True),
        "mapPublicIpOnLaunch": Prop(boolean(), default=False),
    },
    outputs={
        "arn": "SubnetArn",
        "ownerId": "OwnerId",
        "availabilityZoneId": "AvailabilityZoneId",
        "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
    },
    create=ApiCall(
        "create_subnet",
        lambda r: r.creation("vpcId", "cidrBlock", "availabilityZone"),
        "Subnet",
    ),
    id="SubnetId",
    read=ApiCall("describe_subnets", lambda r: {"SubnetIds": [r.id]}, "Subnets[0]"),
    updates=(attribute("modify_subnet_attribute", "SubnetId", "mapPublicIpOnLaunch"),),
    delete=ApiCall("delete_subnet", lambda r: {"SubnetId": r.id}),
    missing=("InvalidSubnetID.NotFound",),
    delete_first=("vpcId", "cidrBlock"),
    busy=("DependencyViolation",),
    tagging=tagging("subnet"),
    timeouts=Timeouts(delete=1200),
)

TYPES = (VPC, SUBNET)
