"""Roles, the attachments of their policies, and their inline policies."""

from localcloud.plugins.aws.kinds import Document, boolean, integer, string
from localcloud.plugins.aws.properties import Prop, split_id
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Autoname,
    Resource,
    ResourceType,
    Update,
    update,
)
from localcloud.plugins.aws.rules import arn, between
from localcloud.plugins.aws.types.iam_shared import MAX_ITEMS, NAME, PATH, tagging


def _bound(resource: Resource) -> None:
    if resource["permissionsBoundary"]:
        bound = resource.arguments("permissionsBoundary")
        resource.invoke("put_role_permissions_boundary", RoleName=resource.id, **bound)
    else:
        resource.invoke("delete_role_permissions_boundary", RoleName=resource.id)


def _delete_role(resource: Resource) -> None:
    if resource["forceDetachPolicies"]:
        found = resource.invoke(
            "list_attached_role_policies", RoleName=resource.id, MaxItems=MAX_ITEMS
        )
        for each in found["AttachedPolicies"]:
            resource.invoke("detach_role_policy", RoleName=resource.id, PolicyArn=each["PolicyArn"])
    resource.invoke("delete_role", RoleName=resource.id)


ROLE = ResourceType(
    token="aws:iam/role:Role",
    service="iam",
    regional=False,
    properties={
        "assumeRolePolicy": Prop(Document(), required=True, aws="AssumeRolePolicyDocument"),
        "description": Prop(),
        "maxSessionDuration": Prop(integer(between(3600, 43200)), default=3600),
        "forceDetachPolicies": Prop(boolean(), default=False, read=None),
        "name": Prop(NAME, replace=True, aws="RoleName"),
        "namePrefix": Prop(replace=True, read=None),
        "path": PATH,
        "permissionsBoundary": Prop(string(arn), read="PermissionsBoundary.PermissionsBoundaryArn"),
    },
    outputs={
        "arn": "Arn",
        "uniqueId": "RoleId",
        "createDate": lambda r, a: a["CreateDate"].isoformat(),
    },
    autoname=Autoname(limit=64),
    create=ApiCall(
        "create_role",
        lambda r: r.creation(
            *("assumeRolePolicy", "description", "maxSessionDuration", "name", "path"),
            "permissionsBoundary",
        ),
        "Role",
    ),
    id="RoleName",
    read=ApiCall("get_role", lambda r: {"RoleName": r.id}, "Role"),
    updates=(
        update(
            ("description", "maxSessionDuration"),
            "update_role",
            lambda r: {
                "RoleName": r.id,
                "Description": r["description"] or "",
                **r.arguments("maxSessionDuration"),
            },
        ),
        update(
            ("assumeRolePolicy",),
            "update_assume_role_policy",
            lambda r: {"RoleName": r.id, "PolicyDocument": r["assumeRolePolicy"]},
        ),
        Update(("permissionsBoundary",), (_bound,)),
    ),
    delete=_delete_role,
    missing=("NoSuchEntity",),
    busy=("DeleteConflict",),
    tagging=tagging("role", "RoleName"),
)


ATTACHMENT = ResourceType(
    token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    service="iam",
    regional=False,
    properties={
        "role": Prop(NAME, required=True, replace=True, aws="RoleName", read=None),
        "policyArn": Prop(string(arn), required=True, replace=True),
    },
    create=ApiCall("attach_role_policy", lambda r: r.arguments("role", "policyArn")),
    id=lambda r, a: f"{r['role']}/{r['policyArn']}",
    from_id=split_id("/", "role", "policyArn"),
    read=ApiCall(
        "list_attached_role_policies",
        lambda r: {"RoleName": r["role"], "MaxItems": MAX_ITEMS},
        path=lambda r: f"AttachedPolicies[?PolicyArn=='{r['policyArn']}'] | [0]",
    ),
    delete=ApiCall("detach_role_policy", lambda r: r.arguments("role", "policyArn")),
    missing=("NoSuchEntity",),
    delete_first=("role", "policyArn"),
)


ROLE_POLICY = ResourceType(
    token="aws:iam/rolePolicy:RolePolicy",
    service="iam",
    regional=False,
    properties={
        "role": Prop(NAME, required=True, replace=True, aws="RoleName"),
        "policy": Prop(Document(), required=True, aws="PolicyDocument"),
        "name": Prop(NAME, replace=True, aws="PolicyName"),
        "namePrefix": Prop(replace=True, read=None),
    },
    autoname=Autoname(limit=128),
    create=ApiCall("put_role_policy", lambda r: r.arguments("role", "policy", "name")),
    id=lambda r, a: f"{r['role']}:{r['name']}",
    from_id=split_id(":", "role", "name"),
    read=ApiCall("get_role_policy", lambda r: r.arguments("role", "name")),
    updates=(
        update(("policy",), "put_role_policy", lambda r: r.arguments("role", "policy", "name")),
    ),
    delete=ApiCall("delete_role_policy", lambda r: r.arguments("role", "name")),
    missing=("NoSuchEntity",),
)

TYPES = (ROLE, ATTACHMENT, ROLE_POLICY)
