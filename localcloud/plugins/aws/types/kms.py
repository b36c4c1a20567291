"""KMS keys and their aliases."""

from typing import Any

from localcloud.plugins.aws.kinds import Document, boolean, integer, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Autoname,
    Resource,
    ResourceType,
    Tagging,
    Timeouts,
    Until,
    Update,
    update,
)
from localcloud.plugins.aws.rules import between, matching
from localcloud.plugins.aws.tags import pairs


def _rotate(resource: Resource) -> None:
    on = resource["enableKeyRotation"]
    resource.invoke("enable_key_rotation" if on else "disable_key_rotation", KeyId=resource.id)


def _enable(resource: Resource) -> None:
    resource.invoke("enable_key" if resource["isEnabled"] else "disable_key", KeyId=resource.id)


def _describe_alias(resource: Resource) -> Any:
    """The alias; ListAliases is the only operation that has it."""
    aliases = [alias for page in resource.pages("list_aliases") for alias in page["Aliases"]]
    return next((alias for alias in aliases if alias["AliasName"] == resource.id), None)


KEY = ResourceType(
    token="aws:kms/key:Key",
    service="kms",
    properties={
        "description": Prop(computed=True),
        "keyUsage": Prop(default="ENCRYPT_DECRYPT", replace=True, read=None),
        "policy": Prop(Document(), computed=True, read="policy.Policy"),
        "enableKeyRotation": Prop(boolean(), default=False, read="rotation.KeyRotationEnabled"),
        "isEnabled": Prop(boolean(), default=True, read="Enabled"),
        "deletionWindowInDays": Prop(integer(between(7, 30)), default=30, read=None),
    },
    outputs={"arn": "Arn", "keyId": "KeyId"},
    create=ApiCall(
        "create_key",
        lambda r: r.creation("description", "keyUsage", "policy"),
        "KeyMetadata",
    ),
    id="KeyId",
    read=ApiCall("describe_key", lambda r: {"KeyId": r.id}, "KeyMetadata"),
    extra_reads={
        "policy": ApiCall("get_key_policy", lambda r: {"KeyId": r.id, "PolicyName": "default"}),
        "rotation": ApiCall("get_key_rotation_status", lambda r: {"KeyId": r.id}),
        "tags": ApiCall("list_resource_tags", lambda r: {"KeyId": r.id}),
    },
    updates=(
        update(
            ("description",),
            "update_key_description",
            lambda r: {"KeyId": r.id, "Description": r["description"]},
        ),
        update(
            ("policy",),
            "put_key_policy",
            lambda r: {"KeyId": r.id, "PolicyName": "default", "Policy": r["policy"]},
        ),
        Update(("isEnabled",), (_enable,)),
        Update(("enableKeyRotation",), (_rotate,)),
    ),
    delete=ApiCall(
        "schedule_key_deletion",
        lambda r: {"KeyId": r.id, "PendingWindowInDays": r["deletionWindowInDays"]},
    ),
    # A key that is scheduled for deletion counts as deleted.
    missing=("NotFoundException", "KMSInvalidStateException"),
    retry_create=(("MalformedPolicyDocumentException", ""),),
    deleted=Until("KeyState", frozenset({"PendingDeletion"})),
    tagging=Tagging(
        argument=lambda tags: {"Tags": pairs(tags, "TagKey", "TagValue")},
        set=ApiCall(
            "tag_resource",
            lambda r: {"KeyId": r.id, "Tags": pairs(r.tags_set, "TagKey", "TagValue")},
        ),
        unset=ApiCall("untag_resource", lambda r: {"KeyId": r.id, "TagKeys": r.tags_unset}),
        path="tags.Tags",
    ),
    timeouts=Timeouts(create=120),
)


ALIAS = ResourceType(
    token="aws:kms/alias:Alias",
    service="kms",
    properties={
        "name": Prop(
            string(matching(r"alias/(?!aws/)[\w/-]+", "alias/ and a name that is not AWS's own")),
            replace=True,
            aws="AliasName",
        ),
        "targetKeyId": Prop(required=True),
    },
    outputs={"arn": "AliasArn", "targetKeyArn": "target.KeyMetadata.Arn"},
    autoname=Autoname(limit=256, before="alias/"),
    create=ApiCall("create_alias", lambda r: r.arguments("name", "targetKeyId")),
    id=lambda r, a: r["name"],
    from_id=lambda id: {"name": id},
    read=_describe_alias,
    extra_reads={"target": ApiCall("describe_key", lambda r: {"KeyId": r.id})},
    updates=(
        update(("targetKeyId",), "update_alias", lambda r: r.arguments("name", "targetKeyId")),
    ),
    delete=ApiCall("delete_alias", lambda r: r.arguments("name")),
    missing=("NotFoundException",),
)

TYPES = (KEY, ALIAS)
