"""Instances."""

from dataclasses import dataclass
from typing import Any

from localcloud.plugins.aws.kinds import Array, Kind, Naming, boolean, integer
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Resource,
    ResourceType,
    Timeouts,
    Until,
    Update,
    update,
)
from localcloud.plugins.aws.rules import between
from localcloud.plugins.aws.types.ec2_shared import METADATA, VOLUME_TYPE, own_arn, tagging
from localcloud.plugins.provider import PluginError


@dataclass(frozen=True)
class _ProfileName(Kind):
    """The name of an instance profile; AWS returns its ARN."""

    type: type = str
    title: str = "the name of an instance profile"

    def to_aws(self, value: Any, name: Naming) -> Any:
        return {"Name": value}

    def from_aws(self, value: Any, name: Naming) -> Any:
        return value["Arn"].rsplit("/", 1)[1]


def _root_volume(resource: Resource) -> list[dict[str, Any]]:
    """The mapping of the root volume; device name and default size are the image's."""
    images = resource.invoke("describe_images", ImageIds=[resource["ami"]])["Images"]
    if not images:
        raise PluginError(f"the image {resource['ami']} does not exist")
    device = images[0]["RootDeviceName"]
    mappings = {each["DeviceName"]: each for each in images[0]["BlockDeviceMappings"]}
    size = mappings[device]["Ebs"]["VolumeSize"]
    return [
        {
            "DeviceName": device,
            "Ebs": {"VolumeSize": size, **resource.arguments("rootBlockDevice")["Ebs"]},
        }
    ]


def _run(resource: Resource) -> Any:
    arguments = resource.arguments(
        "ami", "instanceType", "iamInstanceProfile", "keyName", "metadataOptions", "userData"
    )
    network = resource.arguments("subnetId", "vpcSecurityGroupIds")
    if resource["associatePublicIpAddress"] is None:
        arguments |= network
    else:
        interface = {"DeviceIndex": 0, **resource.arguments("subnetId", "associatePublicIpAddress")}
        interface |= (
            {"Groups": resource["vpcSecurityGroupIds"]} if resource["vpcSecurityGroupIds"] else {}
        )
        arguments["NetworkInterfaces"] = [interface]
    if resource["rootBlockDevice"]:
        arguments["BlockDeviceMappings"] = _root_volume(resource)
    arguments |= {"MinCount": 1, "MaxCount": 1, **resource.tag_arguments()}
    return resource.invoke("run_instances", **arguments)["Instances"][0]


def _describe(resource: Resource) -> Any:
    """The instance, with its root volume under `root`."""
    found = resource.invoke("describe_instances", InstanceIds=[resource.id])["Reservations"]
    if not found:
        return None
    instance = found[0]["Instances"][0]
    mappings = instance.get("BlockDeviceMappings")
    if not mappings:
        return instance
    disk = mappings[0]["Ebs"]
    volume = resource.invoke("describe_volumes", VolumeIds=[disk["VolumeId"]])["Volumes"][0]
    return {**instance, "root": {**disk, **volume}}


def _resize(resource: Resource) -> None:
    """Change the type; the instance must be stopped for this."""
    resource.invoke("stop_instances", InstanceIds=[resource.id])
    for _ in resource.session.attempts(resource.seconds, f"{resource.id} to stop"):
        if _describe(resource)["State"]["Name"] == "stopped":
            break
    wanted = {"Value": resource["instanceType"]}
    resource.invoke("modify_instance_attribute", InstanceId=resource.id, InstanceType=wanted)
    resource.invoke("start_instances", InstanceIds=[resource.id])


def _set_profile(resource: Resource) -> None:
    """Replace the instance's profile, if it has one, or add or remove it."""
    states = {"Name": "state", "Values": ["associating", "associated"]}
    own = {"Name": "instance-id", "Values": [resource.id]}
    found = resource.invoke("describe_iam_instance_profile_associations", Filters=[own, states])
    present = [each["AssociationId"] for each in found["IamInstanceProfileAssociations"]]
    wanted = resource.arguments("iamInstanceProfile")
    if not present:
        resource.invoke("associate_iam_instance_profile", InstanceId=resource.id, **wanted)
    elif wanted:
        operation = "replace_iam_instance_profile_association"
        resource.invoke(operation, AssociationId=present[0], **wanted)
    else:
        resource.invoke("disassociate_iam_instance_profile", AssociationId=present[0])


def _modify_root_volume(resource: Resource) -> None:
    wanted = resource.arguments("rootBlockDevice")["Ebs"]
    names = {"VolumeSize": "Size", "VolumeType": "VolumeType"}
    changes = {names[name]: value for name, value in wanted.items() if name in names}
    volume = _describe(resource)["root"]["VolumeId"]
    resource.invoke("modify_volume", VolumeId=volume, **changes)
    for _ in resource.session.attempts(resource.seconds, f"the change of {volume}"):
        found = resource.invoke("describe_volumes_modifications", VolumeIds=[volume])
        # An optimizing volume has its new size and type already.
        if found["VolumesModifications"][-1]["ModificationState"] in ("optimizing", "completed"):
            break


INSTANCE = ResourceType(
    token="aws:ec2/instance:Instance",
    service="ec2",
    properties={
        "ami": Prop(required=True, replace=True, aws="ImageId"),
        "instanceType": Prop(required=True),
        "subnetId": Prop(replace=True, computed=True),
        "vpcSecurityGroupIds": Prop(
            Array(),
            computed=True,
            aws="SecurityGroupIds",
            read="NetworkInterfaces[0].Groups[].GroupId",
        ),
        "iamInstanceProfile": Prop(_ProfileName()),
        "associatePublicIpAddress": Prop(boolean(), replace=True, computed=True, read=None),
        "keyName": Prop(replace=True),
        "userData": Prop(replace=True, read=None),
        "metadataOptions": Prop(Block(fields=METADATA), computed=True),
        "rootBlockDevice": Prop(
            Block(
                fields={
                    "encrypted": Prop(boolean(), replace=True, computed=True),
                    "volumeType": Prop(VOLUME_TYPE, computed=True),
                    "volumeSize": Prop(integer(between(1, 65536)), computed=True, read="Size"),
                },
                outputs={"volumeId": "VolumeId", "kmsKeyId": "KmsKeyId"},
            ),
            computed=True,
            aws="Ebs",
            read="root",
        ),
    },
    outputs={
        "arn": own_arn("instance"),
        "availabilityZone": "Placement.AvailabilityZone",
        "instanceLifecycle": "InstanceLifecycle",
        "instanceState": "State.Name",
        "outpostArn": "OutpostArn",
        "primaryNetworkInterfaceId": "NetworkInterfaces[0].NetworkInterfaceId",
        "privateDns": "PrivateDnsName",
        "privateIp": "PrivateIpAddress",
        "publicDns": "PublicDnsName",
        "publicIp": "PublicIpAddress",
        "spotInstanceRequestId": "SpotInstanceRequestId",
    },
    create=_run,
    id="InstanceId",
    read=_describe,
    updates=(
        Update(("instanceType",), (_resize,), volatile=("publicDns", "publicIp")),
        Update(("iamInstanceProfile",), (_set_profile,)),
        Update(("rootBlockDevice",), (_modify_root_volume,)),
        update(
            ("vpcSecurityGroupIds",),
            "modify_instance_attribute",
            lambda r: {"InstanceId": r.id, "Groups": r["vpcSecurityGroupIds"]},
        ),
        update(
            ("metadataOptions",),
            "modify_instance_metadata_options",
            lambda r: {
                "InstanceId": r.id,
                **r.arguments("metadataOptions").get("MetadataOptions", {}),
            },
        ),
    ),
    delete=ApiCall("terminate_instances", lambda r: {"InstanceIds": [r.id]}),
    missing=("InvalidInstanceID.NotFound",),
    retry_create=(("InvalidParameterValue", "IAM Instance Profile"),),
    ready=Until(
        "State.Name",
        frozenset({"running"}),
        frozenset({"shutting-down", "terminated"}),
        "StateReason.Message",
    ),
    deleted=Until("State.Name", frozenset({"terminated"})),
    tagging=tagging("instance"),
    timeouts=Timeouts(600, 600, 1200),
)

TYPES = (INSTANCE,)
