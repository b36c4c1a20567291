"""CloudWatch log groups."""

from localcloud.plugins.aws.kinds import integer, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Autoname,
    Resource,
    ResourceType,
    Tagging,
    Update,
    lower_camel,
)
from localcloud.plugins.aws.rules import arn, matching

_DAYS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557),
    *(2922, 3288, 3653),
)


def _arn(resource: Resource) -> str:
    account = resource.session.account(resource.region)
    return f"arn:aws:logs:{resource.region}:{account}:log-group:{resource.id}"


def _retain(resource: Resource) -> None:
    if days := resource["retentionInDays"]:
        resource.invoke("put_retention_policy", logGroupName=resource.id, retentionInDays=days)
    else:
        resource.invoke("delete_retention_policy", logGroupName=resource.id)


def _encrypt(resource: Resource) -> None:
    if key := resource["kmsKeyId"]:
        resource.invoke("associate_kms_key", logGroupName=resource.id, kmsKeyId=key)
    else:
        resource.invoke("disassociate_kms_key", logGroupName=resource.id)


LOG_GROUP = ResourceType(
    token="aws:cloudwatch/logGroup:LogGroup",
    service="logs",
    names=lower_camel,
    properties={
        "name": Prop(
            string(matching(r"[\w./#-]{1,512}", "up to 512 letters, digits and ._-/#")),
            replace=True,
            aws="logGroupName",
        ),
        "namePrefix": Prop(replace=True, read=None),
        "retentionInDays": Prop(
            integer(
                lambda value: (
                    None if value in _DAYS else f"must be one of {', '.join(map(str, _DAYS))}"
                )
            ),
            default=0,
            # The answer has no retentionInDays for a group that keeps everything.
            read="retentionInDays || `0`",
        ),
        "kmsKeyId": Prop(string(arn)),
    },
    outputs={"arn": lambda r, a: _arn(r)},
    autoname=Autoname(limit=512),
    create=ApiCall("create_log_group", lambda r: r.creation("name", "kmsKeyId")),
    id=lambda r, a: r["name"],
    read=ApiCall(
        "describe_log_groups",
        lambda r: {"logGroupNamePrefix": r.id},
        path=lambda r: f"logGroups[?logGroupName=='{r.id}'] | [0]",
    ),
    extra_reads={
        "tags": ApiCall("list_tags_for_resource", lambda r: {"resourceArn": _arn(r)}, "tags")
    },
    updates=(Update(("retentionInDays",), (_retain,)), Update(("kmsKeyId",), (_encrypt,))),
    delete=ApiCall("delete_log_group", lambda r: {"logGroupName": r.id}),
    missing=("ResourceNotFoundException",),
    tagging=Tagging(
        argument=lambda tags: {"tags": dict(tags)},
        set=lambda r: r.invoke("tag_resource", resourceArn=_arn(r), tags=r.tags_set),
        unset=lambda r: r.invoke("untag_resource", resourceArn=_arn(r), tagKeys=r.tags_unset),
        path="tags",
    ),
)

TYPES = (LOG_GROUP,)
