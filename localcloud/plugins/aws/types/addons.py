"""EKS add-ons."""

from typing import Any

from localcloud.aws.eks import offered
from localcloud.plugins.aws.kinds import Document, boolean, string
from localcloud.plugins.aws.properties import Prop, split_id
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Resource,
    ResourceType,
    Timeouts,
    Until,
    Update,
    lower_camel,
)
from localcloud.plugins.aws.rules import arn, one_of
from localcloud.plugins.aws.types.eks_shared import tagging, until_done

_READ_ADDON = ApiCall("describe_addon", lambda r: r.arguments("clusterName", "addonName"), "addon")
_RESOLVE = string(one_of("NONE", "OVERWRITE", "PRESERVE"))


def _addon_changes(resource: Resource) -> dict[str, Any]:
    conflicts = resource["resolveConflictsOnUpdate"]
    return {
        **resource.arguments("clusterName", "addonName", "addonVersion", "serviceAccountRoleArn"),
        **resource.arguments("configurationValues"),
        **({"resolveConflicts": conflicts} if conflicts else {}),
    }


ADDON = ResourceType(
    token="aws:eks/addon:Addon",
    service="eks",
    names=lower_camel,
    properties={
        "clusterName": Prop(required=True, replace=True),
        "addonName": Prop(required=True, replace=True),
        "addonVersion": Prop(computed=True),
        "configurationValues": Prop(Document(policy=False), computed=True),
        "preserve": Prop(boolean(), read=None),
        "resolveConflictsOnCreate": Prop(
            string(one_of("NONE", "OVERWRITE")), aws="resolveConflicts", read=None
        ),
        "resolveConflictsOnUpdate": Prop(_RESOLVE, read=None),
        "serviceAccountRoleArn": Prop(string(arn)),
    },
    outputs={
        "arn": "addonArn",
        "createdAt": lambda r, a: a["createdAt"].isoformat(),
        "modifiedAt": lambda r, a: a["modifiedAt"].isoformat(),
    },
    create=ApiCall(
        "create_addon",
        lambda r: {
            **r.creation("clusterName", "addonName", "addonVersion", "configurationValues"),
            **r.arguments("resolveConflictsOnCreate", "serviceAccountRoleArn"),
        },
    ),
    id=lambda r, a: f"{r['clusterName']}:{r['addonName']}",
    from_id=split_id(":", "clusterName", "addonName"),
    retry_create=(("InvalidParameterException", "could not be assumed"),),
    read=_READ_ADDON,
    updates=(
        Update(
            ("addonVersion", "configurationValues", "serviceAccountRoleArn"),
            (until_done(ApiCall("update_addon", _addon_changes, "update"), addonName="addonName"),),
            volatile=("modifiedAt",),
        ),
    ),
    delete=ApiCall(
        "delete_addon",
        lambda r: {
            **r.arguments("clusterName", "addonName"),
            **({"preserve": True} if r["preserve"] else {}),
        },
    ),
    missing=("ResourceNotFoundException",),
    busy=("ResourceInUseException",),
    # DEGRADED is not final: an add-on without nodes is degraded until nodes join.
    ready=Until(
        "status", frozenset({"ACTIVE"}), frozenset({"CREATE_FAILED"}), "health.issues[0].message"
    ),
    deleted=Until("status", frozenset(), frozenset({"DELETE_FAILED"}), "health.issues[0].message"),
    delete_first=("clusterName", "addonName"),
    check_offered=offered.check_addon,
    tagging=tagging("addonArn", _READ_ADDON),
    timeouts=Timeouts(1200, 1200, 2400),
)

TYPES = (ADDON,)
