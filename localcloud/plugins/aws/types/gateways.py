"""Internet and NAT gateways, and the addresses of the latter."""

from localcloud.plugins.aws.kinds import string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Resource,
    ResourceType,
    Timeouts,
    Until,
    Update,
)
from localcloud.plugins.aws.rules import one_of
from localcloud.plugins.aws.types.ec2_shared import arn, own_arn, tagging

_ATTACH = ApiCall(
    "attach_internet_gateway", lambda r: {"InternetGatewayId": r.id, "VpcId": r["vpcId"]}
)
_DETACH = ApiCall(
    "detach_internet_gateway",
    lambda r: {"InternetGatewayId": r.id, "VpcId": r.old.get("vpcId", r["vpcId"])},
    ignore=("Gateway.NotAttached",),
)


def _move_gateway(resource: Resource) -> None:
    if resource.old.get("vpcId"):
        _DETACH(resource)
    if resource["vpcId"]:
        _ATTACH(resource)


def _delete_gateway(resource: Resource) -> None:
    if resource["vpcId"]:
        _DETACH(resource)
    resource.invoke("delete_internet_gateway", InternetGatewayId=resource.id)


INTERNET_GATEWAY = ResourceType(
    token="aws:ec2/internetGateway:InternetGateway",
    service="ec2",
    properties={"vpcId": Prop(computed=True, read="Attachments[0].VpcId")},
    outputs={"arn": arn("internet-gateway"), "ownerId": "OwnerId"},
    create=ApiCall("create_internet_gateway", lambda r: r.creation(), "InternetGateway"),
    id="InternetGatewayId",
    read=ApiCall(
        "describe_internet_gateways",
        lambda r: {"InternetGatewayIds": [r.id]},
        "InternetGateways[0]",
    ),
    updates=(Update(("vpcId",), (_move_gateway,)),),
    delete=_delete_gateway,
    missing=("InvalidInternetGatewayID.NotFound",),
    delete_first=("vpcId",),  # a VPC has at most one
    busy=("DependencyViolation",),
    tagging=tagging("internet-gateway"),
    timeouts=Timeouts(1200, 1200, 1200),
)

EIP = ResourceType(
    token="aws:ec2/eip:Eip",
    service="ec2",
    properties={"domain": Prop(string(one_of("vpc")), default="vpc", replace=True)},
    outputs={
        "arn": own_arn("elastic-ip"),
        "allocationId": "AllocationId",
        "associationId": "AssociationId",
        "carrierIp": "CarrierIp",
        "customerOwnedIp": "CustomerOwnedIp",
        "networkInterface": "NetworkInterfaceId",
        "privateIp": "PrivateIpAddress",
        "publicIp": "PublicIp",
        "publicIpv4Pool": "PublicIpv4Pool",
    },
    create=ApiCall("allocate_address", lambda r: r.creation("domain")),
    id="AllocationId",
    read=ApiCall("describe_addresses", lambda r: {"AllocationIds": [r.id]}, "Addresses[0]"),
    delete=ApiCall("release_address", lambda r: {"AllocationId": r.id}),
    missing=("InvalidAllocationID.NotFound",),
    # The address stays in use until its NAT gateway is deleted.
    busy=("AuthFailure", "InvalidIPAddress.InUse"),
    tagging=tagging("elastic-ip"),
    timeouts=Timeouts(900, 300, 180),
)

NAT_GATEWAY = ResourceType(
    token="aws:ec2/natGateway:NatGateway",
    service="ec2",
    properties={
        "subnetId": Prop(required=True, replace=True),
        "allocationId": Prop(replace=True, read="NatGatewayAddresses[0].AllocationId"),
        "connectivityType": Prop(
            string(one_of("public", "private")), default="public", replace=True
        ),
    },
    outputs={
        "associationId": "NatGatewayAddresses[0].AssociationId",
        "networkInterfaceId": "NatGatewayAddresses[0].NetworkInterfaceId",
        "privateIp": "NatGatewayAddresses[0].PrivateIp",
        "publicIp": "NatGatewayAddresses[0].PublicIp",
        "vpcId": "VpcId",
    },
    create=ApiCall(
        "create_nat_gateway",
        lambda r: r.creation("subnetId", "allocationId", "connectivityType"),
        "NatGateway",
    ),
    id="NatGatewayId",
    read=ApiCall("describe_nat_gateways", lambda r: {"NatGatewayIds": [r.id]}, "NatGateways[0]"),
    delete=ApiCall("delete_nat_gateway", lambda r: {"NatGatewayId": r.id}),
    missing=("NatGatewayNotFound",),
    delete_first=("allocationId",),
    ready=Until("State", frozenset({"available"}), frozenset({"failed"}), "FailureMessage"),
    deleted=Until("State", frozenset({"deleted"}), frozenset({"failed"}), "FailureMessage"),
    tagging=tagging("natgateway"),
    timeouts=Timeouts(600, 600, 1800),
)

TYPES = (INTERNET_GATEWAY, EIP, NAT_GATEWAY)
