"""Instances."""

from dataclasses import dataclass
from typing import Any

from localcloud.plugins.aws.kinds import Kind, Many, Naming, flag, number
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.record import Record
from localcloud.plugins.aws.rules import between
from localcloud.plugins.aws.table import Call, ResourceType, Timeouts, Until, Update
from localcloud.plugins.aws.types.ec2 import METADATA, VOLUME_TYPE, own_arn, tagging
from localcloud.plugins.provider import ProviderError


@dataclass(frozen=True)
class _ProfileName(Kind):
    """The name of an instance profile, which AWS tells as an ARN."""

    type: type = str
    title: str = "the name of an instance profile"

    def to_aws(self, value: Any, name: Naming) -> Any:
        return {"Name": value}

    def from_aws(self, value: Any, name: Naming) -> Any:
        return value["Arn"].rsplit("/", 1)[1]


def _root_volume(record: Record) -> list[dict[str, Any]]:
    """The mapping of the root volume: the image names its device and its smallest size."""
    images = record.ask("describe_images", ImageIds=[record["ami"]])["Images"]
    if not images:
        raise ProviderError(f"the image {record['ami']} is not there")
    device = images[0]["RootDeviceName"]
    mappings = {each["DeviceName"]: each for each in images[0]["BlockDeviceMappings"]}
    size = mappings[device]["Ebs"]["VolumeSize"]
    return [
        {"DeviceName": device, "Ebs": {"VolumeSize": size, **record.aws("rootBlockDevice")["Ebs"]}}
    ]


def _run(record: Record) -> Any:
    arguments = record.aws(
        "ami", "instanceType", "iamInstanceProfile", "keyName", "metadataOptions", "userData"
    )
    network = record.aws("subnetId", "vpcSecurityGroupIds")
    if record["associatePublicIpAddress"] is None:
        arguments |= network
    else:
        card = {"DeviceIndex": 0, **record.aws("subnetId", "associatePublicIpAddress")}
        card |= {"Groups": record["vpcSecurityGroupIds"]} if record["vpcSecurityGroupIds"] else {}
        arguments["NetworkInterfaces"] = [card]
    if record["rootBlockDevice"]:
        arguments["BlockDeviceMappings"] = _root_volume(record)
    arguments |= {"MinCount": 1, "MaxCount": 1, "ClientToken": record.token, **record.tagging()}
    return record.ask("run_instances", **arguments)["Instances"][0]


def _describe(record: Record) -> Any:
    """The instance, with its root volume under `root`."""
    found = record.ask("describe_instances", InstanceIds=[record.id])["Reservations"]
    if not found:
        return None
    instance = found[0]["Instances"][0]
    mappings = instance.get("BlockDeviceMappings")
    if not mappings:
        return instance
    disk = mappings[0]["Ebs"]
    volume = record.ask("describe_volumes", VolumeIds=[disk["VolumeId"]])["Volumes"][0]
    return {**instance, "root": {**disk, **volume}}


def _resize(record: Record) -> None:
    """Change the type, for which the instance must stand still."""
    record.ask("stop_instances", InstanceIds=[record.id])
    for _ in record.session.attempts(record.seconds, f"{record.id} to stop"):
        if _describe(record)["State"]["Name"] == "stopped":
            break
    wanted = {"Value": record["instanceType"]}
    record.ask("modify_instance_attribute", InstanceId=record.id, InstanceType=wanted)
    record.ask("start_instances", InstanceIds=[record.id])


INSTANCE = ResourceType(
    token="aws:ec2/instance:Instance",
    service="ec2",
    properties={
        "ami": Prop(required=True, replace=True, aws="ImageId"),
        "instanceType": Prop(required=True),
        "subnetId": Prop(replace=True, computed=True),
        "vpcSecurityGroupIds": Prop(
            Many(),
            computed=True,
            aws="SecurityGroupIds",
            read="NetworkInterfaces[0].Groups[].GroupId",
        ),
        "iamInstanceProfile": Prop(_ProfileName(), replace=True),
        "associatePublicIpAddress": Prop(flag(), replace=True, computed=True, read=None),
        "keyName": Prop(replace=True),
        "userData": Prop(replace=True, read=None),
        "metadataOptions": Prop(Block(fields=METADATA), computed=True),
        "rootBlockDevice": Prop(
            Block(
                fields={
                    "encrypted": Prop(flag(), replace=True, computed=True),
                    "volumeType": Prop(VOLUME_TYPE, replace=True, computed=True),
                    "volumeSize": Prop(
                        number(between(1, 65536)), replace=True, computed=True, read="Size"
                    ),
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
        "instanceState": "State.Name",
        "primaryNetworkInterfaceId": "NetworkInterfaces[0].NetworkInterfaceId",
        "privateDns": "PrivateDnsName",
        "privateIp": "PrivateIpAddress",
        "publicDns": "PublicDnsName",
        "publicIp": "PublicIpAddress",
    },
    create=_run,
    id="InstanceId",
    read=_describe,
    updates=(
        Update(("instanceType",), (_resize,), volatile=("publicDns", "publicIp")),
        Update(
            ("vpcSecurityGroupIds",),
            (
                Call(
                    "modify_instance_attribute",
                    lambda r: {"InstanceId": r.id, "Groups": r["vpcSecurityGroupIds"]},
                ),
            ),
        ),
        Update(
            ("metadataOptions",),
            (
                Call(
                    "modify_instance_metadata_options",
                    lambda r: {
                        "InstanceId": r.id,
                        **r.aws("metadataOptions").get("MetadataOptions", {}),
                    },
                ),
            ),
        ),
    ),
    delete=Call("terminate_instances", lambda r: {"InstanceIds": [r.id]}),
    missing=("InvalidInstanceID.NotFound",),
    early=(("InvalidParameterValue", "IAM Instance Profile"),),
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
