"""What the EC2 entries share."""

from collections.abc import Callable
from typing import Any

from localcloud.plugins.aws.kinds import number, text
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.rules import between, one_of
from localcloud.plugins.aws.table import Call, Output, Record, Tagging, Update
from localcloud.plugins.aws.tags import pairs


def tagging(resource_type: str) -> Tagging:
    """Tags by TagSpecifications and CreateTags; `resource_type` is EC2's word, such as `vpc`."""
    return Tagging(
        argument=lambda tags: {
            "TagSpecifications": [{"ResourceType": resource_type, "Tags": pairs(tags)}]
        },
        set=lambda r: r.tags_set and _SET(r),
        unset=lambda r: r.tags_unset and _UNSET(r),
    )


_SET = Call("create_tags", lambda r: {"Resources": [r.id], "Tags": pairs(r.tags_set)})
_UNSET = Call(
    "delete_tags",
    lambda r: {"Resources": [r.id], "Tags": [{"Key": key} for key in r.tags_unset]},
)


def arn(resource: str, owner: str = "OwnerId") -> Output:
    """The ARN of an EC2 resource; `resource` is such as `vpc`, `owner` where the account id is."""

    def value(record: Record, answer: Any) -> str:
        return f"arn:aws:ec2:{record.region}:{answer.get(owner)}:{resource}/{record.id}"

    return value


def own_arn(resource: str) -> Output:
    """The same for a resource whose description does not tell the account."""

    def value(record: Record, answer: Any) -> str:
        account = record.session.account(record.region)
        return f"arn:aws:ec2:{record.region}:{account}:{resource}/{record.id}"

    return value


def attribute(operation: str, id_argument: str, name: str) -> Update:
    """How a property changes by a Modify...Attribute operation, which takes one at a time."""

    def args(record: Record) -> dict[str, Any]:
        wrapped = {key: {"Value": value} for key, value in record.aws(name).items()}
        return {id_argument: record.id, **wrapped}

    return Update((name,), (Call(operation, args),))


def split_id(separator: str, *names: str) -> Callable[[str], dict[str, str]]:
    """The properties that an id is made of; none if it is not made so."""

    def split(id: str) -> dict[str, str]:
        parts = id.split(separator, len(names) - 1)
        return dict(zip(names, parts, strict=True)) if len(parts) == len(names) else {}

    return split


_ON_OFF = text(one_of("enabled", "disabled"))
METADATA = {
    "httpEndpoint": Prop(_ON_OFF, computed=True),
    "httpTokens": Prop(text(one_of("optional", "required")), computed=True),
    "httpPutResponseHopLimit": Prop(number(between(1, 64)), computed=True),
    "instanceMetadataTags": Prop(_ON_OFF, computed=True),
}
VOLUME_TYPE = text(one_of("standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"))
