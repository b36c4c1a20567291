"""EKS access entries, their policies, and Pod Identity associations."""

from typing import Any

from localcloud.plugins.aws.kinds import Array, string
from localcloud.plugins.aws.properties import Block, Prop, split_id
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Resource,
    ResourceType,
    lower_camel,
    update,
)
from localcloud.plugins.aws.rules import arn, one_of
from localcloud.plugins.aws.types.eks_shared import tagging

_READ_ENTRY = ApiCall(
    "describe_access_entry", lambda r: r.arguments("clusterName", "principalArn"), "accessEntry"
)


def _entry(resource: Resource) -> dict[str, Any]:
    return resource.arguments("clusterName", "principalArn", "kubernetesGroups", "userName")


ACCESS_ENTRY = ResourceType(
    token="aws:eks/accessEntry:AccessEntry",
    service="eks",
    names=lower_camel,
    properties={
        "clusterName": Prop(required=True, replace=True),
        "principalArn": Prop(string(arn), required=True, replace=True),
        "kubernetesGroups": Prop(Array(), computed=True),
        "type": Prop(default="STANDARD", replace=True),
        "userName": Prop(computed=True, aws="username"),
    },
    outputs={
        "accessEntryArn": "accessEntryArn",
        "createdAt": lambda r, a: a["createdAt"].isoformat(),
        "modifiedAt": lambda r, a: a["modifiedAt"].isoformat(),
    },
    create=ApiCall("create_access_entry", lambda r: {**_entry(r), **r.creation("type")}),
    id=lambda r, a: f"{r['clusterName']}:{r['principalArn']}",
    from_id=split_id(":", "clusterName", "principalArn"),
    retry_create=(("InvalidParameterException", "principalArn"),),
    read=_READ_ENTRY,
    updates=(
        update(
            ("kubernetesGroups", "userName"),
            "update_access_entry",
            _entry,
            volatile=("modifiedAt",),
        ),
    ),
    delete=ApiCall("delete_access_entry", lambda r: r.arguments("clusterName", "principalArn")),
    missing=("ResourceNotFoundException",),
    delete_first=("clusterName", "principalArn"),
    tagging=tagging("accessEntryArn", _READ_ENTRY),
)

_SCOPE = Block(
    fields={
        "type": Prop(string(one_of("cluster", "namespace")), required=True),
        "namespaces": Prop(Array()),
    }
)
_ASSOCIATE = ApiCall(
    "associate_access_policy",
    lambda r: r.arguments("clusterName", "principalArn", "policyArn", "accessScope"),
)

ACCESS_POLICY_ASSOCIATION = ResourceType(
    token="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    service="eks",
    names=lower_camel,
    properties={
        "clusterName": Prop(required=True, replace=True, read=None),
        "principalArn": Prop(string(arn), required=True, replace=True, read=None),
        "policyArn": Prop(string(arn), required=True, replace=True),
        "accessScope": Prop(_SCOPE, required=True, replace=True),
    },
    outputs={
        "associatedAt": lambda r, a: a["associatedAt"].isoformat(),
        "modifiedAt": lambda r, a: a["modifiedAt"].isoformat(),
    },
    create=_ASSOCIATE,
    id=lambda r, a: f"{r['clusterName']}#{r['principalArn']}#{r['policyArn']}",
    from_id=split_id("#", "clusterName", "principalArn", "policyArn"),
    read=ApiCall(
        "list_associated_access_policies",
        lambda r: r.arguments("clusterName", "principalArn"),
        path=lambda r: f"associatedAccessPolicies[?policyArn=='{r['policyArn']}'] | [0]",
    ),
    delete=ApiCall(
        "disassociate_access_policy",
        lambda r: r.arguments("clusterName", "principalArn", "policyArn"),
    ),
    missing=("ResourceNotFoundException",),
    delete_first=("clusterName", "principalArn", "policyArn"),
)


def _association(resource: Resource) -> dict[str, Any]:
    return {"clusterName": resource["clusterName"], "associationId": resource.id.split(",")[-1]}


_READ_ASSOCIATION = ApiCall("describe_pod_identity_association", _association, "association")

POD_IDENTITY_ASSOCIATION = ResourceType(
    token="aws:eks/podIdentityAssociation:PodIdentityAssociation",
    service="eks",
    names=lower_camel,
    properties={
        "clusterName": Prop(required=True, replace=True),
        "namespace": Prop(required=True, replace=True),
        "serviceAccount": Prop(required=True, replace=True),
        "roleArn": Prop(string(arn), required=True),
    },
    outputs={
        "associationArn": "associationArn",
        "associationId": "associationId",
        "externalId": "externalId",
    },
    create=ApiCall(
        "create_pod_identity_association",
        lambda r: r.creation("clusterName", "namespace", "serviceAccount", "roleArn"),
        "association",
    ),
    id="associationId",
    from_id=split_id(",", "clusterName", "associationId"),
    read=_READ_ASSOCIATION,
    updates=(
        update(
            ("roleArn",),
            "update_pod_identity_association",
            lambda r: {**_association(r), **r.arguments("roleArn")},
        ),
    ),
    delete=ApiCall("delete_pod_identity_association", _association),
    missing=("ResourceNotFoundException",),
    delete_first=("clusterName", "namespace", "serviceAccount"),
    tagging=tagging("associationArn", _READ_ASSOCIATION),
)

TYPES = (ACCESS_ENTRY, ACCESS_POLICY_ASSOCIATION, POD_IDENTITY_ASSOCIATION)
