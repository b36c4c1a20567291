"""Instance profiles, which give instances a role."""

from dataclasses import replace

from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import ApiCall, Autoname, Resource, ResourceType, Update
from localcloud.plugins.aws.types.iam_shared import NAME, PATH, tagging


def _set_role(resource: Resource) -> None:
    for role in _PROFILE(resource)["Roles"]:
        name = role["RoleName"]
        resource.invoke(
            "remove_role_from_instance_profile", InstanceProfileName=resource.id, RoleName=name
        )
    if role := resource["role"]:
        resource.invoke(
            "add_role_to_instance_profile", InstanceProfileName=resource.id, RoleName=role
        )


def _delete_profile(resource: Resource) -> None:
    _set_role(replace(resource, props={}))
    resource.invoke("delete_instance_profile", InstanceProfileName=resource.id)


_PROFILE = ApiCall(
    "get_instance_profile", lambda r: {"InstanceProfileName": r.id}, "InstanceProfile"
)

INSTANCE_PROFILE = ResourceType(
    token="aws:iam/instanceProfile:InstanceProfile",
    service="iam",
    regional=False,
    properties={
        "name": Prop(NAME, replace=True, aws="InstanceProfileName"),
        "namePrefix": Prop(replace=True, read=None),
        "path": PATH,
        "role": Prop(NAME, read="Roles[0].RoleName"),
    },
    outputs={
        "arn": "Arn",
        "uniqueId": "InstanceProfileId",
        "createDate": lambda r, a: a["CreateDate"].isoformat(),
    },
    autoname=Autoname(limit=128),
    create=ApiCall(
        "create_instance_profile",
        lambda r: r.creation("name", "path"),
        "InstanceProfile",
    ),
    id="InstanceProfileName",
    read=_PROFILE,
    updates=(Update(("role",), (_set_role,)),),
    delete=_delete_profile,
    missing=("NoSuchEntity",),
    tagging=tagging("instance_profile", "InstanceProfileName"),
)

TYPES = (INSTANCE_PROFILE,)
