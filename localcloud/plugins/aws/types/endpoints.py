"""VPC endpoints."""

from typing import Any

from localcloud.plugins.aws.kinds import Array, boolean, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import ApiCall, Resource, ResourceType, Until, Update
from localcloud.plugins.aws.rules import one_of
from localcloud.plugins.aws.types.ec2_shared import arn, tagging

_LISTS = {"subnetIds": "SubnetIds", "securityGroupIds": "SecurityGroupIds",
          "routeTableIds": "RouteTableIds"}  # fmt: skip


def _modify(resource: Resource) -> None:
    """Add and remove members of the lists that changed."""
    changes: dict[str, Any] = {}
    for name, argument in _LISTS.items():
        old, new = (set(of.get(name) or []) for of in (resource.old, resource.props))
        if name in resource.props and old != new:
            changes[f"Add{argument}"] = sorted(new - old)
            changes[f"Remove{argument}"] = sorted(old - new)
    changes = {name: value for name, value in changes.items() if value}
    if changes:
        resource.invoke("modify_vpc_endpoint", VpcEndpointId=resource.id, **changes)


VPC_ENDPOINT = ResourceType(
    token="aws:ec2/vpcEndpoint:VpcEndpoint",
    service="ec2",
    properties={
        "vpcId": Prop(required=True, replace=True),
        "serviceName": Prop(replace=True, required=True),
        "vpcEndpointType": Prop(
            string(one_of("Gateway", "Interface")), default="Gateway", replace=True
        ),
        "subnetIds": Prop(Array(), computed=True),
        "securityGroupIds": Prop(Array(), computed=True, read="Groups[].GroupId"),
        "routeTableIds": Prop(Array(), computed=True),
        "privateDnsEnabled": Prop(boolean(), computed=True, replace=True),
    },
    outputs={
        "arn": arn("vpc-endpoint"),
        "dnsEntries": "DnsEntries[].{dnsName: DnsName, hostedZoneId: HostedZoneId}",
        "networkInterfaceIds": "NetworkInterfaceIds",
        "ownerId": "OwnerId",
        "policy": "PolicyDocument",
        "requesterManaged": "RequesterManaged",
        "state": "State",
    },
    create=ApiCall(
        "create_vpc_endpoint",
        lambda r: {
            **r.creation("vpcId", "serviceName", "vpcEndpointType", *_LISTS, "privateDnsEnabled"),
            "ClientToken": r.client_token,
        },
        "VpcEndpoint",
    ),
    id="VpcEndpointId",
    read=ApiCall("describe_vpc_endpoints", lambda r: {"VpcEndpointIds": [r.id]}, "VpcEndpoints[0]"),
    updates=(Update(tuple(_LISTS), (_modify,), volatile=("networkInterfaceIds",)),),
    delete=ApiCall("delete_vpc_endpoints", lambda r: {"VpcEndpointIds": [r.id]}),
    missing=("InvalidVpcEndpointId.NotFound",),
    # A second one would have the same private DNS name or route.
    delete_first=("vpcId", "serviceName"),
    ready=Until("State", frozenset({"available"}), frozenset({"failed"}), "LastError.Message"),
    deleted=Until("State", frozenset({"deleted"}), frozenset({"failed"}), "LastError.Message"),
    tagging=tagging("vpc-endpoint"),
)

TYPES = (VPC_ENDPOINT,)
