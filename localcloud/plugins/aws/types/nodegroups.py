"""EKS managed node groups."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.eks import offered
from localcloud.plugins.aws.kinds import Array, NumberString, StringMap, boolean, integer, string
from localcloud.plugins.aws.properties import Block, Prop, split_id
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Autoname,
    Resource,
    ResourceType,
    Timeouts,
    Until,
    Update,
    lower_camel,
)
from localcloud.plugins.aws.rules import arn, between, one_of
from localcloud.plugins.aws.types.eks_shared import tagging, until_done

_SCALING = Block(
    fields={
        name: Prop(integer(between(low, 10000)), required=True)
        for name, low in (("minSize", 0), ("desiredSize", 0), ("maxSize", 1))
    }
)
_UPDATE = Block(
    fields={
        "maxUnavailable": Prop(integer(between(1, 100))),
        "maxUnavailablePercentage": Prop(integer(between(1, 100))),
    }
)
_TEMPLATE = Block(
    fields={
        "id": Prop(replace=True, computed=True),
        "name": Prop(replace=True, computed=True),
        "version": Prop(NumberString(), required=True),
    }
)
_TAINTS = Array(
    of=Block(
        fields={
            "key": Prop(required=True),
            "value": Prop(),
            "effect": Prop(
                string(one_of("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")), required=True
            ),
        }
    )
)

# Inputs that CreateNodegroup does not have.
_NOT_CREATED = ("nodeGroupNamePrefix", "forceUpdateVersion")


def _names(resource: Resource) -> dict[str, Any]:
    return {"clusterName": resource["clusterName"], "nodegroupName": resource["nodeGroupName"]}


_READ_GROUP = ApiCall("describe_nodegroup", _names, "nodegroup")


def _changed(resource: Resource, *names: str) -> dict[str, Any]:
    """Only the inputs that changed: an old releaseVersion would not fit the new version."""
    return resource.arguments(*(name for name in names if resource[name] != resource.old.get(name)))


def _label_changes(resource: Resource) -> dict[str, Any]:
    old, new = resource.old.get("labels") or {}, resource["labels"] or {}
    gone = [key for key in old if key not in new]
    return {"labels": {"addOrUpdateLabels": new, "removeLabels": gone}} if old != new else {}


def _taint_changes(resource: Resource) -> dict[str, Any]:
    old, new = resource.old.get("taints") or [], resource["taints"] or []
    gone = [each for each in old if each not in new]
    return {"taints": {"addOrUpdateTaints": new, "removeTaints": gone}} if old != new else {}


def _check_offered(arguments: Mapping[str, Any]) -> None:
    offered.check_version(arguments.get("version"))
    offered.check_nodegroup(arguments)


NODE_GROUP = ResourceType(
    token="aws:eks/nodeGroup:NodeGroup",
    service="eks",
    names=lower_camel,
    properties={
        "clusterName": Prop(required=True, replace=True),
        "nodeGroupName": Prop(replace=True, aws="nodegroupName"),
        "nodeGroupNamePrefix": Prop(replace=True, read=None),
        "nodeRoleArn": Prop(string(arn), required=True, replace=True, aws="nodeRole"),
        "subnetIds": Prop(Array(), required=True, replace=True, aws="subnets"),
        "scalingConfig": Prop(_SCALING, required=True),
        "updateConfig": Prop(_UPDATE, computed=True),
        "nodeRepairConfig": Prop(
            Block(fields={"enabled": Prop(boolean(), default=False)}), computed=True
        ),
        "forceUpdateVersion": Prop(boolean(), aws="force", read=None),
        "amiType": Prop(replace=True, computed=True),
        "capacityType": Prop(string(one_of("ON_DEMAND", "SPOT")), replace=True, computed=True),
        "diskSize": Prop(integer(), replace=True, computed=True),
        "instanceTypes": Prop(Array(ordered=True), replace=True, computed=True),
        "labels": Prop(StringMap()),
        "taints": Prop(_TAINTS),
        "launchTemplate": Prop(_TEMPLATE),
        "releaseVersion": Prop(computed=True),
        "version": Prop(computed=True),
    },
    outputs={
        "arn": "nodegroupArn",
        "status": "status",
        "resources": "[{autoscalingGroups: resources.autoScalingGroups,"
        " remoteAccessSecurityGroupId: resources.remoteAccessSecurityGroup}]",
    },
    autoname=Autoname("nodeGroupName", limit=63),
    check_offered=_check_offered,
    create=ApiCall(
        "create_nodegroup",
        lambda r: r.creation(*(name for name in r.type.properties if name not in _NOT_CREATED)),
    ),
    id=lambda r, a: f"{r['clusterName']}:{r['nodeGroupName']}",
    from_id=split_id(":", "clusterName", "nodeGroupName"),
    read=_READ_GROUP,
    updates=(
        Update(
            ("version", "releaseVersion", "launchTemplate"),
            (
                until_done(
                    ApiCall(
                        "update_nodegroup_version",
                        lambda r: {
                            **_names(r),
                            **_changed(r, "version", "releaseVersion"),
                            **r.arguments("launchTemplate", "forceUpdateVersion"),
                        },
                        "update",
                    ),
                    nodegroupName="nodeGroupName",
                ),
            ),
            volatile=("version", "releaseVersion"),
        ),
        Update(
            ("scalingConfig", "updateConfig", "nodeRepairConfig", "labels", "taints"),
            (
                until_done(
                    ApiCall(
                        "update_nodegroup_config",
                        lambda r: {
                            **_names(r),
                            **r.arguments("scalingConfig", "updateConfig", "nodeRepairConfig"),
                            **_label_changes(r),
                            **_taint_changes(r),
                        },
                        "update",
                    ),
                    nodegroupName="nodeGroupName",
                ),
            ),
        ),
    ),
    delete=ApiCall("delete_nodegroup", _names),
    missing=("ResourceNotFoundException",),
    busy=("ResourceInUseException",),
    ready=Until(
        "status",
        frozenset({"ACTIVE"}),
        frozenset({"CREATE_FAILED", "DEGRADED"}),
        "health.issues[0].message",
    ),
    deleted=Until("status", frozenset(), frozenset({"DELETE_FAILED"}), "health.issues[0].message"),
    tagging=tagging("nodegroupArn", _READ_GROUP),
    timeouts=Timeouts(3600, 3600, 3600),
)

TYPES = (NODE_GROUP,)
