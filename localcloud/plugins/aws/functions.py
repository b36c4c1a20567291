"""The functions that a program may call, such as `aws.get_region()`."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from localcloud.aws.route53.names import fqdn
from localcloud.plugins.aws import eks_functions, iam_functions
from localcloud.plugins.aws.function import Args, CallAws, Function
from localcloud.plugins.aws.kinds import Array, boolean, string
from localcloud.plugins.aws.properties import Block, Prop, property_failures, unknown_token
from localcloud.plugins.aws.resource_type import upper_camel
from localcloud.plugins.aws.rules import one_of
from localcloud.plugins.aws.session import Session
from localcloud.plugins.aws.tags import tags_of
from localcloud.plugins.provider import PluginError

FILTERS = Array(
    of=Block(fields={"name": Prop(string(), required=True), "values": Prop(Array(), required=True)})
)


def filters(args: Args) -> list[dict[str, Any]]:
    """Filters in EC2's form."""
    return [{"Name": each["name"], "Values": each["values"]} for each in args.get("filters") or []]


def _availability_zones(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    zones = call_aws("ec2", "describe_availability_zones", Filters=filters(args))[
        "AvailabilityZones"
    ]
    zones = sorted(zones, key=lambda zone: str(zone["ZoneName"]))
    names = [zone["ZoneName"] for zone in zones]
    groups = sorted({zone.get("GroupName", region) for zone in zones})
    return {
        "id": region,
        "names": names,
        "zoneIds": [zone["ZoneId"] for zone in zones],
        "groupNames": groups,
    }


def _identity(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    found = call_aws("sts", "get_caller_identity")
    account = found["Account"]
    return {"id": account, "accountId": account, "arn": found["Arn"], "userId": found["UserId"]}


def _region(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    endpoint = f"ec2.{region}.amazonaws.com"
    return {**dict.fromkeys(("id", "region", "name", "description"), region), "endpoint": endpoint}


def _partition(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    return {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def _ami(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    images = call_aws(
        "ec2", "describe_images", Owners=args.get("owners") or [], Filters=filters(args)
    )["Images"]
    if not images:
        raise PluginError("aws:ec2/getAmi:getAmi: no image has these owners and filters")
    if len(images) > 1 and not args.get("mostRecent"):
        raise PluginError(
            f"aws:ec2/getAmi:getAmi: {len(images)} images match: narrow the filters or set"
            " mostRecent"
        )
    image = max(images, key=lambda each: str(each["CreationDate"]))
    disks = {
        each["DeviceName"]: each.get("Ebs", {}) for each in image.get("BlockDeviceMappings", [])
    }
    root = disks.get(image.get("RootDeviceName"), {})
    return {
        **{name: image.get(upper_camel(name)) for name in _OF_IMAGE},
        "id": image["ImageId"],
        "arn": f"arn:aws:ec2:{region}::image/{image['ImageId']}",
        "rootSnapshotId": root.get("SnapshotId"),
        "tags": tags_of(image.get("Tags")),
    }


_OF_IMAGE = (
    *("architecture", "bootMode", "creationDate", "deprecationTime", "description", "enaSupport"),
    *("hypervisor", "imageId", "imageLocation", "imageOwnerAlias", "imageType", "imdsSupport"),
    *("kernelId", "lastLaunchedTime", "name", "ownerId", "platform", "platformDetails", "public"),
    *("ramdiskId", "rootDeviceName", "rootDeviceType", "sriovNetSupport", "state", "tpmSupport"),
    *("usageOperation", "virtualizationType"),
)
"""The outputs that DescribeImages has under the same names."""


def _hosted_zone(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    name = fqdn(args["name"])
    found = call_aws("route53", "list_hosted_zones_by_name", DNSName=name)["HostedZones"]
    private = bool(args.get("privateZone"))
    zones = [
        zone
        for zone in found
        if zone["Name"] == name and bool(zone["Config"].get("PrivateZone")) == private
    ]
    if len(zones) != 1:  # in the words of the official provider
        many = "multiple Route 53 Hosted Zones matched; add constraints to find only one"
        raise PluginError(many if zones else "no matching Route 53 Hosted Zone found")
    zone = call_aws("route53", "get_hosted_zone", Id=zones[0]["Id"])
    hosted = zone["HostedZone"]
    id = hosted["Id"].removeprefix("/hostedzone/")
    service = hosted.get("LinkedService", {})
    servers = sorted(zone.get("DelegationSet", {}).get("NameServers", []))
    return {
        "id": id,
        "zoneId": id,
        "arn": f"arn:aws:route53:::hostedzone/{id}",
        "name": name.rstrip("."),
        "nameServers": servers,
        "primaryNameServer": servers[0] if servers else None,
        "privateZone": private,
        "comment": hosted["Config"].get("Comment", ""),
        "callerReference": hosted["CallerReference"],
        "linkedServiceDescription": service.get("Description"),
        "linkedServicePrincipal": service.get("ServicePrincipal"),
        "resourceRecordSetCount": hosted.get("ResourceRecordSetCount"),
    }


def _offerings(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    kind = args.get("locationType") or "region"
    found: list[dict[str, str]] = []
    more: dict[str, str] = {}
    while True:
        page = call_aws(
            "ec2",
            "describe_instance_type_offerings",
            LocationType=kind,
            Filters=filters(args),
            **more,
        )
        found += page["InstanceTypeOfferings"]
        if not page.get("NextToken"):
            break
        more = {"NextToken": page["NextToken"]}
    return {
        "id": region,
        "instanceTypes": [each["InstanceType"] for each in found],
        "locations": [each["Location"] for each in found],
        "locationTypes": [each["LocationType"] for each in found],
    }


def _vpcs(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    found = call_aws("ec2", "describe_vpcs", Filters=filters(args))["Vpcs"]
    return {"id": region, "ids": [each["VpcId"] for each in found]}


def _groups(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    found = call_aws("ec2", "describe_security_groups", Filters=filters(args))["SecurityGroups"]
    ids = [each["GroupId"] for each in found]
    arns = [
        f"arn:aws:ec2:{region}:{each['OwnerId']}:security-group/{each['GroupId']}" for each in found
    ]
    return {"id": region, "ids": ids, "arns": arns, "vpcIds": [each["VpcId"] for each in found]}


def _parameter(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    decrypted = {"WithDecryption": args.get("withDecryption", True)}
    found = call_aws("ssm", "get_parameter", Name=args["name"], **decrypted)["Parameter"]
    return {
        "id": found["Name"],
        "arn": found["ARN"],
        "name": found["Name"],
        "type": found["Type"],
        "value": found["Value"],
        "insecureValue": None if found["Type"] == "SecureString" else found["Value"],
        "version": found["Version"],
    }


FUNCTIONS = (
    *eks_functions.FUNCTIONS,
    *iam_functions.FUNCTIONS,
    Function(token="aws:ec2/getVpcs:getVpcs", inputs={"filters": Prop(FILTERS)}, result=_vpcs),
    Function(
        token="aws:ec2/getSecurityGroups:getSecurityGroups",
        inputs={"filters": Prop(FILTERS)},
        result=_groups,
    ),
    Function(
        token="aws:ssm/getParameter:getParameter",
        inputs={"name": Prop(required=True), "withDecryption": Prop(boolean())},
        result=_parameter,
    ),
    Function(
        token="aws:index/getAvailabilityZones:getAvailabilityZones",
        inputs={"filters": Prop(FILTERS)},
        result=_availability_zones,
    ),
    Function(
        token="aws:index/getCallerIdentity:getCallerIdentity", result=_identity, regional=False
    ),
    Function(token="aws:index/getRegion:getRegion", result=_region),
    Function(token="aws:index/getPartition:getPartition", result=_partition, regional=False),
    Function(
        token="aws:ec2/getAmi:getAmi",
        inputs={
            "mostRecent": Prop(boolean()),
            "owners": Prop(Array()),
            "filters": Prop(FILTERS),
        },
        result=_ami,
    ),
    Function(
        token="aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings",
        inputs={
            "filters": Prop(FILTERS),
            "locationType": Prop(
                string(one_of("region", "availability-zone", "availability-zone-id"))
            ),
        },
        result=_offerings,
    ),
    Function(
        token="aws:route53/getZone:getZone",
        inputs={"name": Prop(required=True), "privateZone": Prop(boolean())},
        result=_hosted_zone,
        regional=False,
    ),
)


@cache
def table() -> dict[str, Function]:
    """Every function, by token."""
    return {function.token: function for function in FUNCTIONS}


def find(token: str) -> Function:
    """The function of a token. Raises PluginError if there is none."""
    if token not in table():
        raise unknown_token(token, table())
    return table()[token]


def failures(function: Function, args: Args) -> dict[str, str]:
    """What is wrong with the inputs of a call, by property path."""
    return dict(property_failures(function.arguments, args))


def run(function: Function, session: Session, region: str, args: Args) -> dict[str, Any]:
    """Call a function; as the SDK expects, the result includes the inputs."""

    def call_aws(service: str, operation: str, **arguments: Any) -> Any:
        return session.call(service, region, operation, arguments)

    place = {"region": region} if function.regional else {}
    return {**args, **function.result(args, region, call_aws), **place}
