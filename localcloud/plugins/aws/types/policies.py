"""Managed policies of the account's own."""

from typing import Any

from localcloud.plugins.aws.kinds import Document
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.table import Autoname, Call, Record, ResourceType, Update
from localcloud.plugins.aws.types.iam import NAME, PATH, tagging


def _describe_policy(record: Record) -> Any:
    """The policy, with its document under `Document`."""
    policy = record.ask("get_policy", PolicyArn=record.id)["Policy"]
    version = policy["DefaultVersionId"]
    found = record.ask("get_policy_version", PolicyArn=record.id, VersionId=version)
    return {**policy, "Document": found["PolicyVersion"]["Document"]}


_MOST_VERSIONS = 5


def _new_version(record: Record) -> None:
    """Make the document the default version; IAM keeps five, so the oldest may have to go."""
    found = record.ask("list_policy_versions", PolicyArn=record.id)["Versions"]
    versions = sorted(found, key=lambda each: str(each["CreateDate"]))
    if len(versions) >= _MOST_VERSIONS:
        oldest = next(each["VersionId"] for each in versions if not each["IsDefaultVersion"])
        record.ask("delete_policy_version", PolicyArn=record.id, VersionId=oldest)
    document = record["policy"]
    record.ask(
        "create_policy_version", PolicyArn=record.id, PolicyDocument=document, SetAsDefault=True
    )


def _delete_policy(record: Record) -> None:
    for each in record.ask("list_policy_versions", PolicyArn=record.id)["Versions"]:
        if not each["IsDefaultVersion"]:
            version = each["VersionId"]
            record.ask("delete_policy_version", PolicyArn=record.id, VersionId=version)
    record.ask("delete_policy", PolicyArn=record.id)


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
    create=Call(
        "create_policy",
        lambda r: {**r.aws("policy", "description", "name", "path"), **r.tagging()},
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
