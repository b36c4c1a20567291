"""EKS access entries, their policies, and Pod Identity associations."""

from typing import Any

from localcloud.plugins.aws.kinds import Many, text
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.rules import arn, one_of
from localcloud.plugins.aws.table import Call, Resource, ResourceType, lower_camel, update
from localcloud.plugins.aws.types.ec2 import split_id
from localcloud.plugins.aws.types.eks import tagging

_READ_ENTRY = Call(
    "describe_access_entry", lambda r: r.aws("clusterName", "principalArn"), "accessEntry"
)


def _entry(resource: Resource) -> dict[str, Any]:
    return resource.aws("clusterName", "principalArn", "kubernetesGroups", "userName")


ACCESS_ENTRY = ResourceType(
    token="aws:eks/accessEntry:AccessEntry",
    service="eks",
    names=lower_camel,
    properties={
        "clusterName": Prop(required=True, replace=True),
        "principalArn": Prop(text(arn), required=True, replace=True),
        "kubernetesGroups": Prop(Many(), computed=True),
        "type": Prop(default="STANDARD", replace=True),
        "userName": Prop(computed=True, aws="username"),
    },
    outputs={
        "accessEntryArn": "accessEntryArn",
        "createdAt": lambda r, a: a["createdAt"].isoformat(),
        "modifiedAt": lambda r, a: a["modifiedAt"].isoformat(),
    },
    create=Call(
        "create_access_entry",
        lambda r: {
            **_entry(r),
            **r.aws("type"),
            **r.tagging(),
            "clientRequestToken": r.token,
        },
    ),
    id=lambda r, a: f"{r['clusterName']}:{r['principalArn']}",
    from_id=split_id(":", "clusterName", "principalArn"),
    early=(("InvalidParameterException", "principalArn"),),
    read=_READ_ENTRY,
    updates=(
        update(
            ("kubernetesGroups", "userName"),
            "update_access_entry",
            _entry,
            volatile=("modifiedAt",),
        ),
    ),
    delete=Call("delete_access_entry", lambda r: r.aws("clusterName", "principalArn")),
    missing=("ResourceNotFoundException",),
    delete_first=("clusterName", "principalArn"),
    tagging=tagging("accessEntryArn", _READ_ENTRY),
)

_SCOPE = Block(
    fields={
        "type": Prop(text(one_of("cluster", "namespace")), required=True),
        "namespaces": Prop(Many()),
    }
)
_ASSOCIATE = Call(
    "associate_access_policy",
    lambda r: r.aws("clusterName", "principalArn", "policyArn", "accessScope"),
)

ACCESS_POLICY_ASSOCIATION = ResourceType(
    token="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    service="eks",
    names=lower_camel,
    properties={
        "clusterName": Prop(required=True, replace=True, read=None),
        "principalArn": Prop(text(arn), required=True, replace=True, read=None),
        "policyArn": Prop(text(arn), required=True, replace=True),
        "accessScope": Prop(_SCOPE, required=True, replace=True),
    },
    outputs={
        "associatedAt": lambda r, a: a["associatedAt"].isoformat(),
        "modifiedAt": lambda r, a: a["modifiedAt"].isoformat(),
    },
    create=_ASSOCIATE,
    id=lambda r, a: f"{r['clusterName']}#{r['principalArn']}#{r['policyArn']}",
    from_id=split_id("#", "clusterName", "principalArn", "policyArn"),
    read=Call(
        "list_associated_access_policies",
        lambda r: r.aws("clusterName", "principalArn"),
        path=lambda r: f"associatedAccessPolicies[?policyArn=='{r['policyArn']}'] | [0]",
    ),
    delete=Call(
        "disassociate_access_policy",
        lambda r: r.aws("clusterName", "principalArn", "policyArn"),
    ),
    missing=("ResourceNotFoundException",),
    delete_first=("clusterName", "principalArn", "policyArn"),
)


def _association(resource: Resource) -> dict[str, Any]:
    return {"clusterName": resource["clusterName"], "associationId": resource.id.split(",")[-1]}


_READ_ASSOCIATION = Call("describe_pod_identity_association", _association, "association")

POD_IDENTITY_ASSOCIATION = ResourceType(
    token="aws:eks/podIdentityAssociation:PodIdentityAssociation",
    service="eks",
    names=lower_camel,
    properties={
        "clusterName": Prop(required=True, replace=True),
        "namespace": Prop(required=True, replace=True),
        "serviceAccount": Prop(required=True, replace=True),
        "roleArn": Prop(text(arn), required=True),
    },
    outputs={
        "associationArn": "associationArn",
        "associationId": "associationId",
        "externalId": "externalId",
    },
    create=Call(
        "create_pod_identity_association",
        lambda r: {
            **r.aws("clusterName", "namespace", "serviceAccount", "roleArn"),
            **r.tagging(),
            "clientRequestToken": r.token,
        },
        "association",
    ),
    id="associationId",
    from_id=split_id(",", "clusterName", "associationId"),
    read=_READ_ASSOCIATION,
    updates=(
        update(
            ("roleArn",),
            "update_pod_identity_association",
            lambda r: {**_association(r), **r.aws("roleArn")},
        ),
    ),
    delete=Call("delete_pod_identity_association", _association),
    missing=("ResourceNotFoundException",),
    delete_first=("clusterName", "namespace", "serviceAccount"),
    tagging=tagging("associationArn", _READ_ASSOCIATION),
)

TYPES = (ACCESS_ENTRY, ACCESS_POLICY_ASSOCIATION, POD_IDENTITY_ASSOCIATION)
