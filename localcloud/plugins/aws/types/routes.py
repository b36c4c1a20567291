"""Route tables, their routes, and their associations with subnets."""

import zlib

from localcloud.plugins.aws.kinds import string
from localcloud.plugins.aws.properties import Prop, split_id
from localcloud.plugins.aws.resource_type import ApiCall, ResourceType, Timeouts, update
from localcloud.plugins.aws.rules import cidr
from localcloud.plugins.aws.types.ec2_shared import arn, tagging

ROUTE_TABLE = ResourceType(
    token="aws:ec2/routeTable:RouteTable",
    service="ec2",
    properties={"vpcId": Prop(required=True, replace=True)},
    outputs={"arn": arn("route-table"), "ownerId": "OwnerId"},
    create=ApiCall("create_route_table", lambda r: r.creation("vpcId"), "RouteTable"),
    id="RouteTableId",
    read=ApiCall("describe_route_tables", lambda r: {"RouteTableIds": [r.id]}, "RouteTables[0]"),
    delete=ApiCall("delete_route_table", lambda r: {"RouteTableId": r.id}),
    missing=("InvalidRouteTableID.NotFound",),
    busy=("DependencyViolation",),
    tagging=tagging("route-table"),
    timeouts=Timeouts(300, 120, 300),
)


def _route_id(table: str, destination: str) -> str:
    """The id that the official provider gives a route, which has none in AWS."""
    return f"r-{table}{zlib.crc32(destination.encode())}"


ROUTE = ResourceType(
    token="aws:ec2/route:Route",
    service="ec2",
    properties={
        "routeTableId": Prop(required=True, replace=True, read=None),
        "destinationCidrBlock": Prop(string(cidr), required=True, replace=True),
        "gatewayId": Prop(),
        "natGatewayId": Prop(),
    },
    outputs={
        "instanceId": "InstanceId",
        "instanceOwnerId": "InstanceOwnerId",
        "origin": "Origin",
        "state": "State",
    },
    create=ApiCall(
        "create_route",
        lambda r: r.arguments("routeTableId", "destinationCidrBlock", "gatewayId", "natGatewayId"),
    ),
    id=lambda r, a: _route_id(r["routeTableId"], r["destinationCidrBlock"]),
    from_id=split_id("_", "routeTableId", "destinationCidrBlock"),
    read=ApiCall(
        "describe_route_tables",
        lambda r: {"RouteTableIds": [r["routeTableId"]]},
        path=lambda r: (
            f"RouteTables[0].Routes[?DestinationCidrBlock=='{r['destinationCidrBlock']}'] | [0]"
        ),
    ),
    updates=(
        update(
            ("gatewayId", "natGatewayId"),
            "replace_route",
            lambda r: r.arguments(
                "routeTableId", "destinationCidrBlock", "gatewayId", "natGatewayId"
            ),
        ),
    ),
    delete=ApiCall("delete_route", lambda r: r.arguments("routeTableId", "destinationCidrBlock")),
    missing=("InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"),
    delete_first=("routeTableId", "destinationCidrBlock"),
    timeouts=Timeouts(300, 120, 300),
)


ASSOCIATION = ResourceType(
    token="aws:ec2/routeTableAssociation:RouteTableAssociation",
    service="ec2",
    properties={
        # A changed association has a new id, and a Pulumi update cannot change the id.
        "routeTableId": Prop(required=True, replace=True),
        "subnetId": Prop(required=True, replace=True),
    },
    create=ApiCall("associate_route_table", lambda r: r.arguments("routeTableId", "subnetId")),
    id="AssociationId",
    read=ApiCall(
        "describe_route_tables",
        lambda r: {
            "Filters": [{"Name": "association.route-table-association-id", "Values": [r.id]}]
        },
        path=lambda r: f"RouteTables[].Associations[] | [?RouteTableAssociationId=='{r.id}'] | [0]",
    ),
    delete=ApiCall("disassociate_route_table", lambda r: {"AssociationId": r.id}),
    missing=("InvalidAssociationID.NotFound",),
    delete_first=("subnetId",),
    timeouts=Timeouts(300, 120, 300),
)

TYPES = (ROUTE_TABLE, ROUTE, ASSOCIATION)
