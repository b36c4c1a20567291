"""The function that looks at an IAM role."""

import json
from collections.abc import Mapping
from typing import Any

from localcloud.plugins.aws.function import Args, CallAws, Function
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.session import ApiError
from localcloud.plugins.aws.tags import tags_of
from localcloud.plugins.provider import PluginError


def _role(args: Args, region: str, call_aws: CallAws) -> Mapping[str, Any]:
    name = args["name"]
    try:
        role = call_aws("iam", "get_role", RoleName=name)["Role"]
    except ApiError as error:
        if error.code != "NoSuchEntity":
            raise
        # In the words of the official provider.
        raise PluginError(f"reading IAM Role ({name}): couldn't find resource") from None
    boundary, used = role.get("PermissionsBoundary", {}), role.get("RoleLastUsed", {})
    return {
        "id": role["RoleName"],
        "name": role["RoleName"],
        "arn": role["Arn"],
        "assumeRolePolicy": json.dumps(role["AssumeRolePolicyDocument"]),
        "createDate": role["CreateDate"].isoformat(),
        "description": role.get("Description", ""),
        "maxSessionDuration": role["MaxSessionDuration"],
        "path": role["Path"],
        "permissionsBoundary": boundary.get("PermissionsBoundaryArn", ""),
        "roleLastUseds": [
            {"lastUsedDate": used["LastUsedDate"].isoformat(), "region": used["Region"]}
        ]
        if used
        else [],
        "tags": tags_of(role.get("Tags")),
        "uniqueId": role["RoleId"],
    }


FUNCTIONS = (
    Function(
        token="aws:iam/getRole:getRole",
        inputs={"name": Prop(required=True)},
        result=_role,
        regional=False,
    ),
)
