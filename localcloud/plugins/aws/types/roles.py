"""Roles, the attachments of their policies, and their inline policies."""

from localcloud.plugins.aws.kinds import Document, flag, number, text
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.rules import arn, between
from localcloud.plugins.aws.table import Autoname, Call, Resource, ResourceType, Update, update
from localcloud.plugins.aws.types.ec2 import split_id
from localcloud.plugins.aws.types.iam import EVERYTHING, NAME, PATH, tagging


def _bound(resource: Resource) -> None:
    if resource["permissionsBoundary"]:
        bound = resource.aws("permissionsBoundary")
        resource.ask("put_role_permissions_boundary", RoleName=resource.id, **bound)
    else:
        resource.ask("delete_role_permissions_boundary", RoleName=resource.id)


def _delete_role(resource: Resource) -> None:
    if resource["forceDetachPolicies"]:
        found = resource.ask(
            "list_attached_role_policies", RoleName=resource.id, MaxItems=EVERYTHING
        )
        for each in found["AttachedPolicies"]:
            resource.ask("detach_role_policy", RoleName=resource.id, PolicyArn=each["PolicyArn"])
    resource.ask("delete_role", RoleName=resource.id)


ROLE = ResourceType(
    token="aws:iam/role:Role",
    service="iam",
    regional=False,
    properties={
        "assumeRolePolicy": Prop(Document(), required=True, aws="AssumeRolePolicyDocument"),
        "description": Prop(),
        "maxSessionDuration": Prop(number(between(3600, 43200)), default=3600),
        "forceDetachPolicies": Prop(flag(), default=False, read=None),
        "name": Prop(NAME, replace=True, aws="RoleName"),
        "namePrefix": Prop(replace=True, read=None),
        "path": PATH,
        "permissionsBoundary": Prop(text(arn), read="PermissionsBoundary.PermissionsBoundaryArn"),
    },
    outputs={
        "arn": "Arn",
        "uniqueId": "RoleId",
        "createDate": lambda r, a: a["CreateDate"].isoformat(),
    },
    autoname=Autoname(limit=64),
    create=Call(
        "create_role",
        lambda r: {
            **r.aws("assumeRolePolicy", "description", "maxSessionDuration", "name", "path"),
            **r.aws("permissionsBoundary"),
            **r.tagging(),
        },
        "Role",
    ),
    id="RoleName",
    read=Call("get_role", lambda r: {"RoleName": r.id}, "Role"),
    updates=(
        update(
            ("description", "maxSessionDuration"),
            "update_role",
            lambda r: {
                "RoleName": r.id,
                "Description": r["description"] or "",
                **r.aws("maxSessionDuration"),
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
        "policyArn": Prop(text(arn), required=True, replace=True),
    },
    create=Call("attach_role_policy", lambda r: r.aws("role", "policyArn")),
    id=lambda r, a: f"{r['role']}/{r['policyArn']}",
    from_id=split_id("/", "role", "policyArn"),
    read=Call(
        "list_attached_role_policies",
        lambda r: {"RoleName": r["role"], "MaxItems": EVERYTHING},
        path=lambda r: f"AttachedPolicies[?PolicyArn=='{r['policyArn']}'] | [0]",
    ),
    delete=Call("detach_role_policy", lambda r: r.aws("role", "policyArn")),
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
    create=Call("put_role_policy", lambda r: r.aws("role", "policy", "name")),
    id=lambda r, a: f"{r['role']}:{r['name']}",
    from_id=split_id(":", "role", "name"),
    read=Call("get_role_policy", lambda r: r.aws("role", "name")),
    updates=(update(("policy",), "put_role_policy", lambda r: r.aws("role", "policy", "name")),),
    delete=Call("delete_role_policy", lambda r: r.aws("role", "name")),
    missing=("NoSuchEntity",),
)

TYPES = (ROLE, ATTACHMENT, ROLE_POLICY)
