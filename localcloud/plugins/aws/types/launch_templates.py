"""Launch templates."""

from typing import Any

from localcloud.plugins.aws.kinds import Array, BooleanString, TagMap, boolean, integer
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.resource_type import ApiCall, Autoname, Resource, ResourceType, Update
from localcloud.plugins.aws.rules import between
from localcloud.plugins.aws.types.ec2_shared import METADATA, VOLUME_TYPE, own_arn, tagging

_EBS = Block(
    fields={
        "deleteOnTermination": Prop(BooleanString()),
        "encrypted": Prop(BooleanString()),
        "iops": Prop(integer()),
        "kmsKeyId": Prop(),
        "throughput": Prop(integer()),
        "volumeSize": Prop(integer(between(1, 65536))),
        "volumeType": Prop(VOLUME_TYPE),
    }
)
_TAG_SPECIFICATIONS = Array(of=Block(fields={"resourceType": Prop(), "tags": Prop(TagMap())}))


def _data(path: str) -> str:
    return f"version.LaunchTemplateData.{path}"


# The settings of instances; a change of any makes a new version with all of them.
_TEMPLATE_DATA = {
    "blockDeviceMappings": Prop(
        Array(of=Block(fields={"deviceName": Prop(), "ebs": Prop(_EBS)})),
        read=_data("BlockDeviceMappings"),
    ),
    "imageId": Prop(read=_data("ImageId")),
    "instanceType": Prop(read=_data("InstanceType")),
    "keyName": Prop(read=_data("KeyName")),
    "metadataOptions": Prop(Block(fields=METADATA), read=_data("MetadataOptions")),
    # Without the tags of the template itself.
    "tagSpecifications": Prop(
        _TAG_SPECIFICATIONS,
        read=_data("TagSpecifications[?ResourceType != 'launch-template']"),
    ),
    "userData": Prop(read=_data("UserData")),
    "vpcSecurityGroupIds": Prop(Array(), aws="SecurityGroupIds", read=_data("SecurityGroupIds")),
}


def _template_data(resource: Resource) -> dict[str, Any]:
    return {"LaunchTemplateData": resource.arguments(*_TEMPLATE_DATA)}


def _new_version(resource: Resource) -> None:
    new = resource.invoke(
        "create_launch_template_version", LaunchTemplateId=resource.id, **_template_data(resource)
    )
    if resource["updateDefaultVersion"]:
        latest = str(new["LaunchTemplateVersion"]["VersionNumber"])
        resource.invoke(
            "modify_launch_template", LaunchTemplateId=resource.id, DefaultVersion=latest
        )


LAUNCH_TEMPLATE = ResourceType(
    token="aws:ec2/launchTemplate:LaunchTemplate",
    service="ec2",
    properties={
        "name": Prop(replace=True, aws="LaunchTemplateName"),
        "namePrefix": Prop(replace=True, read=None),
        "description": Prop(aws="VersionDescription", read="version.VersionDescription"),
        "updateDefaultVersion": Prop(boolean(), read=None),
        **_TEMPLATE_DATA,
    },
    outputs={
        "arn": own_arn("launch-template"),
        "latestVersion": "LatestVersionNumber",
        "defaultVersion": "DefaultVersionNumber",
    },
    autoname=Autoname(limit=125),
    create=ApiCall(
        "create_launch_template",
        lambda r: {**r.creation("name", "description"), **_template_data(r)},
        "LaunchTemplate",
    ),
    id="LaunchTemplateId",
    read=ApiCall(
        "describe_launch_templates",
        lambda r: {"LaunchTemplateIds": [r.id]},
        "LaunchTemplates[0]",
    ),
    extra_reads={
        "version": ApiCall(
            "describe_launch_template_versions",
            lambda r: {"LaunchTemplateId": r.id, "Versions": ["$Latest"]},
            "LaunchTemplateVersions[0]",
        )
    },
    updates=(
        Update(
            ("description", *_TEMPLATE_DATA),
            (_new_version,),
            volatile=("latestVersion", "defaultVersion"),
        ),
    ),
    delete=ApiCall("delete_launch_template", lambda r: {"LaunchTemplateId": r.id}),
    missing=("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException"),
    tagging=tagging("launch-template"),
)

TYPES = (LAUNCH_TEMPLATE,)
