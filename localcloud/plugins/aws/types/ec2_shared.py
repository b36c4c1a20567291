"""What the EC2 entries share."""

from typing import Any

from localcloud.plugins.aws.kinds import integer, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import ApiCall, Output, Resource, Tagging, Update, update
from localcloud.plugins.aws.rules import between, one_of
from localcloud.plugins.aws.tags import pairs


def tagging(resource_type: str) -> Tagging:
    """Tags by TagSpecifications and CreateTags; `resource_type` is such as `vpc`."""
    return Tagging(
        argument=lambda tags: {
            "TagSpecifications": [{"ResourceType": resource_type, "Tags": pairs(tags)}]
        },
        set=ApiCall("create_tags", lambda r: {"Resources": [r.id], "Tags": pairs(r.tags_set)}),
        unset=ApiCall(
            "delete_tags",
            lambda r: {"Resources": [r.id], "Tags": [{"Key": key} for key in r.tags_unset]},
        ),
    )


def arn(resource_type: str, owner: str = "OwnerId") -> Output:
    """The ARN of an EC2 resource of a type, such as `vpc`; `owner` is where the account id is."""

    def value(resource: Resource, answer: Any) -> str:
        return f"arn:aws:ec2:{resource.region}:{answer.get(owner)}:{resource_type}/{resource.id}"

    return value


def own_arn(resource_type: str) -> Output:
    """The ARN of a resource whose description does not have the account."""

    def value(resource: Resource, answer: Any) -> str:
        account = resource.session.account(resource.region)
        return f"arn:aws:ec2:{resource.region}:{account}:{resource_type}/{resource.id}"

    return value


def attribute(operation: str, id_argument: str, name: str) -> Update:
    """An update by a Modify...Attribute operation, which takes one attribute per call."""

    def args(resource: Resource) -> dict[str, Any]:
        wrapped = {key: {"Value": value} for key, value in resource.arguments(name).items()}
        return {id_argument: resource.id, **wrapped}

    return update((name,), operation, args)


_ON_OFF = string(one_of("enabled", "disabled"))
METADATA = {
    "httpEndpoint": Prop(_ON_OFF, computed=True),
    "httpTokens": Prop(string(one_of("optional", "required")), computed=True),
    "httpPutResponseHopLimit": Prop(integer(between(1, 64)), computed=True),
    "instanceMetadataTags": Prop(_ON_OFF, computed=True),
}
VOLUME_TYPE = string(one_of("standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"))
