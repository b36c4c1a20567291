"""Web ACLs of AWS WAF, with AWS's managed rule groups."""

from collections.abc import Mapping
from typing import Any

from localcloud.plugins.aws.kinds import Array, boolean, integer, string
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Autoname,
    Resource,
    ResourceType,
    Tagging,
    Timeouts,
    Update,
)
from localcloud.plugins.aws.rules import between, matching, one_of
from localcloud.plugins.aws.tags import pairs

_CONTENT = ("defaultAction", "description", "rules", "visibilityConfig")
_NAME = string(matching(r"[\w-]{1,128}", "at most 128 letters, digits, - and _"))
_EMPTY = Prop(Block())
_VISIBILITY = Block(
    fields={
        "cloudwatchMetricsEnabled": Prop(boolean(), required=True, aws="CloudWatchMetricsEnabled"),
        "metricName": Prop(_NAME, required=True),
        "sampledRequestsEnabled": Prop(boolean(), required=True),
    }
)
_GROUP = Block(
    fields={"vendorName": Prop(string(one_of("AWS")), required=True), "name": Prop(required=True)}
)
_RULE = Block(
    fields={
        "name": Prop(_NAME, required=True),
        "priority": Prop(integer(between(0, 2**31 - 1)), required=True),
        "statement": Prop(
            Block(fields={"managedRuleGroupStatement": Prop(_GROUP, required=True)}), required=True
        ),
        "overrideAction": Prop(Block(fields={"none": _EMPTY, "count": _EMPTY}), required=True),
        "visibilityConfig": Prop(_VISIBILITY, required=True),
    }
)


def _key(resource: Resource) -> dict[str, Any]:
    """What identifies a web ACL in a call."""
    return {**resource.arguments("name", "scope"), "Id": resource.id.partition("/")[0]}


def _get(resource: Resource) -> Any:
    return resource.invoke("get_web_acl", **_key(resource))


def _read(resource: Resource) -> Any:
    answer = _get(resource)
    return {
        **answer["WebACL"],
        "LockToken": answer["LockToken"],
        "Scope": resource["scope"],
        "Rules": answer["WebACL"].get("Rules") or None,
    }


def _lock(resource: Resource) -> dict[str, Any]:
    """The key, and the token that shows that the last state has been read."""
    return {**_key(resource), "LockToken": _get(resource)["LockToken"]}


def _update(resource: Resource) -> None:
    resource.invoke("update_web_acl", **_lock(resource), **resource.arguments(*_CONTENT))


def _from_id(id: str) -> Mapping[str, str]:
    """An import's id is the web ACL's, its name and its scope, with / between."""
    parts = id.split("/")
    return dict(zip(("name", "scope"), parts[1:], strict=True)) if len(parts) == 3 else {}


def _arn(resource: Resource) -> dict[str, str]:
    account = resource.session.account(resource.region)
    of_account = f"arn:aws:wafv2:{resource.region}:{account}"
    path = f"{resource['name']}/{resource.id.partition('/')[0]}"
    return {"ResourceARN": f"{of_account}:regional/webacl/{path}"}


WEB_ACL = ResourceType(
    token="aws:wafv2/webAcl:WebAcl",
    service="wafv2",
    properties={
        "name": Prop(_NAME, replace=True),
        "namePrefix": Prop(replace=True, read=None),
        "scope": Prop(string(one_of("REGIONAL")), required=True, replace=True),
        "defaultAction": Prop(Block(fields={"allow": _EMPTY, "block": _EMPTY}), required=True),
        "description": Prop(),
        "rules": Prop(Array(of=_RULE)),
        "visibilityConfig": Prop(_VISIBILITY, required=True),
    },
    outputs={"arn": "ARN", "capacity": "Capacity", "lockToken": "LockToken"},
    autoname=Autoname(limit=128),
    create=ApiCall("create_web_acl", lambda r: r.creation("name", "scope", *_CONTENT), "Summary"),
    id="Id",
    read=_read,
    extra_reads={"tags": ApiCall("list_tags_for_resource", _arn, "TagInfoForResource.TagList")},
    updates=(Update(_CONTENT, (_update,), volatile=("capacity", "lockToken")),),
    delete=lambda r: r.invoke("delete_web_acl", **_lock(r)),
    missing=("WAFNonexistentItemException",),
    busy=("WAFAssociatedItemException",),  # until its load balancer has let it go
    tagging=Tagging(
        argument=lambda tags: {"Tags": pairs(tags)},
        set=lambda r: r.invoke("tag_resource", **_arn(r), Tags=pairs(r.tags_set)),
        unset=lambda r: r.invoke("untag_resource", **_arn(r), TagKeys=list(r.tags_unset)),
        path="tags",
    ),
    from_id=_from_id,
    timeouts=Timeouts(delete=300),
)

TYPES = (WEB_ACL,)
