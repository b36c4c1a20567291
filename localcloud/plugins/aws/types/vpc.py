"""VPCs and subnets."""

from localcloud.plugins.aws.kinds import flag, text
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.rules import cidr, one_of
from localcloud.plugins.aws.table import Call, ResourceType, Timeouts
from localcloud.plugins.aws.types.ec2 import arn, attribute, tagging


def _attribute(name: str) -> Call:
    return Call("describe_vpc_attribute", lambda r: {"VpcId": r.id, "Attribute": name})


def _of_vpc(operation: str, path: str, *filters: tuple[str, str]) -> Call:
    """The id of something that AWS makes with a VPC."""
    more = [{"Name": name, "Values": [value]} for name, value in filters]
    return Call(
        operation,
        lambda r: {"Filters": [{"Name": "vpc-id", "Values": [r.id]}, *more]},
        path=f"{{id: {path}}}",
    )


VPC = ResourceType(
    token="aws:ec2/vpc:Vpc",
    service="ec2",
    properties={
        "cidrBlock": Prop(text(cidr), required=True, replace=True),
        "instanceTenancy": Prop(text(one_of("default", "dedicated")), replace=True, computed=True),
        "enableDnsSupport": Prop(flag(), default=True, read="support.EnableDnsSupport.Value"),
        "enableDnsHostnames": Prop(
            flag(), default=False, read="hostnames.EnableDnsHostnames.Value"
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
    create=Call(
        "create_vpc", lambda r: {**r.aws("cidrBlock", "instanceTenancy"), **r.tagging()}, "Vpc"
    ),
    id="VpcId",
    read=Call("describe_vpcs", lambda r: {"VpcIds": [r.id]}, "Vpcs[0]"),
    also={
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
    delete=Call("delete_vpc", lambda r: {"VpcId": r.id}),
    missing=("InvalidVpcID.NotFound",),
    busy=("DependencyViolation",),
    tagging=tagging("vpc"),
)

SUBNET = ResourceType(
    token="aws:ec2/subnet:Subnet",
    service="ec2",
    properties={
        "vpcId": Prop(required=True, replace=True),
        "cidrBlock": Prop(text(cidr), required=True, replace=True),
        "availabilityZone": Prop(replace=True, computed=True),
        "mapPublicIpOnLaunch": Prop(flag(), default=False),
    },
    outputs={
        "arn": "SubnetArn",
        "ownerId": "OwnerId",
        "availabilityZoneId": "AvailabilityZoneId",
        "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
    },
    create=Call(
        "create_subnet",
        lambda r: {**r.aws("vpcId", "cidrBlock", "availabilityZone"), **r.tagging()},
        "Subnet",
    ),
    id="SubnetId",
    read=Call("describe_subnets", lambda r: {"SubnetIds": [r.id]}, "Subnets[0]"),
    updates=(attribute("modify_subnet_attribute", "SubnetId", "mapPublicIpOnLaunch"),),
    delete=Call("delete_subnet", lambda r: {"SubnetId": r.id}),
    missing=("InvalidSubnetID.NotFound",),
    delete_first=("vpcId", "cidrBlock"),
    busy=("DependencyViolation",),
    tagging=tagging("subnet"),
    timeouts=Timeouts(delete=1200),
)

TYPES = (VPC, SUBNET)
