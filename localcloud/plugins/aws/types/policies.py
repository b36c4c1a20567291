"""Customer managed policies."""

from typing import Any

from localcloud.plugins.aws.kinds import Document
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import ApiCall, Autoname, Resource, ResourceType, Update
from localcloud.plugins.aws.types.iam_shared import NAME, PATH, tagging


def _describe_policy(resource: Resource) -> Any:
    """The policy, with its document under `Document`."""
    policy = resource.invoke("get_policy", PolicyArn=resource.id)["Policy"]
    version = policy["DefaultVersionId"]
    found = resource.invoke("get_policy_version", PolicyArn=resource.id, VersionId=version)
    return {**policy, "Document": found["PolicyVersion"]["Document"]}


_MOST_VERSIONS = 5


def _new_version(resource: Resource) -> None:
    """Make the document the default version; of five, IAM's maximum, the oldest is deleted."""
    found = resource.invoke("list_policy_versions", PolicyArn=resource.id)["Versions"]
    versions = sorted(found, key=lambda each: str(each["CreateDate"]))
    if len(versions) >= _MOST_VERSIONS:
        oldest = next(each["VersionId"] for each in versions if not each["IsDefaultVersion"])
        resource.invoke("delete_policy_version", PolicyArn=resource.id, VersionId=oldest)
    document = resource["policy"]
    resource.invoke(
        "create_policy_version", PolicyArn=resource.id, PolicyDocument=document, SetAsDefault=True
    )


def _delete_policy(resource: Resource) -> None:
    for each in resource.invoke("list_policy_versions", PolicyArn=resource.id)["Versions"]:
        if not each["IsDefaultVersion"]:
            version = each["VersionId"]
            resource.invoke("delete_policy_version", PolicyArn=resource.id, VersionId=version)
    resource.invoke("delete_policy", PolicyArn=resource.id)


POLICY = ResourceType(
    token="aws:iam/policy:Policy",
    service="iam",
    regional=False,
    properties={
        "policy": Prop(Document(), required=True, aws="PolicyDocument", read="Document"),
        "description": Prop(replace=True),
        "name": Prop(NAME, replace=True, aws="PolicyName"),
        "namePrefix": Prop(replace=True, read=None),
        "path": PATH,
    },
    outputs={"arn": "Arn", "policyId": "PolicyId", "attachmentCount": "AttachmentCount"},
    autoname=Autoname(limit=128),
    create=ApiCall(
        "create_policy",
        lambda r: r.creation("policy", "description", "name", "path"),
        "Policy",
    ),
    id="Arn",
    read=_describe_policy,
    updates=(Update(("policy",), (_new_version,)),),
    delete=_delete_policy,
    missing=("NoSuchEntity",),
    busy=("DeleteConflict",),
    tagging=tagging("policy", "PolicyArn"),
)

TYPES = (POLICY,)
