"""S3 buckets, and their settings, each of which is a resource of its own."""

from collections.abc import Mapping
from typing import Any

from localcloud.plugins.aws.kinds import Array, Document, boolean, integer, string
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Autoname,
    Resource,
    ResourceType,
    Step,
    Tagging,
    Update,
)
from localcloud.plugins.aws.rules import between, matching, one_of
from localcloud.plugins.aws.session import ApiError
from localcloud.plugins.aws.tags import pairs

_GONE = ("NoSuchBucket", "404")  # HeadBucket's error has no code of its own
_DELETED_AT_ONCE = 1000  # objects, at most


def _create(resource: Resource) -> None:
    place = {"CreateBucketConfiguration": {"LocationConstraint": resource.region}}
    more = {} if resource.region == "us-east-1" else place
    resource.invoke("create_bucket", Bucket=resource["bucket"], **more)


def _read(resource: Resource) -> Any:
    resource.invoke("head_bucket", Bucket=resource.id)
    return {"Name": resource.id}


def _tag(resource: Resource) -> None:
    """Set all tags, as the API cannot add or remove single ones."""
    if resource.tags_all:
        tags = {"TagSet": pairs(resource.tags_all)}
        resource.invoke("put_bucket_tagging", Bucket=resource.id, Tagging=tags)
    else:
        resource.invoke("delete_bucket_tagging", Bucket=resource.id)


def _empty(resource: Resource) -> None:
    """Delete all objects, in all versions."""
    while True:
        page = resource.invoke("list_object_versions", Bucket=resource.id, MaxKeys=_DELETED_AT_ONCE)
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if not found:
            return
        objects = [{name: each[name] for name in ("Key", "VersionId")} for each in found]
        resource.invoke("delete_objects", Bucket=resource.id, Delete={"Objects": objects})


def _delete(resource: Resource) -> None:
    """Delete the bucket; with forceDestroy, its objects too, also those that still come in."""
    for _ in resource.session.attempts(resource.seconds, f"{resource.id} to be empty"):
        if resource["forceDestroy"]:
            _empty(resource)
        try:
            resource.invoke("delete_bucket", Bucket=resource.id)
            return
        except ApiError as error:
            if error.code != "BucketNotEmpty" or not resource["forceDestroy"]:
                raise


BUCKET = ResourceType(
    token="aws:s3/bucket:Bucket",
    service="s3",
    properties={
        "bucket": Prop(
            string(
                matching(
                    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
                    "3 to 63 lower-case letters, digits, . and -",
                )
            ),
            replace=True,
            read="Name",
        ),
        "bucketPrefix": Prop(replace=True, read=None),
        "forceDestroy": Prop(boolean(), default=False, read=None),
    },
    outputs={
        "arn": lambda r, a: f"arn:aws:s3:::{r.id}",
        "bucketDomainName": lambda r, a: f"{r.id}.s3.amazonaws.com",
        "bucketRegion": lambda r, a: r.region,
        "bucketRegionalDomainName": lambda r, a: f"{r.id}.s3.{r.region}.amazonaws.com",
    },
    autoname=Autoname("bucket", limit=63),
    create=_create,
    id=lambda r, a: r["bucket"],
    read=_read,
    extra_reads={
        "tags": ApiCall(
            "get_bucket_tagging", lambda r: {"Bucket": r.id}, "TagSet", ignore=("NoSuchTagSet",)
        )
    },
    delete=_delete,
    missing=_GONE,
    tagging=Tagging(argument=lambda tags: {}, set=_tag, unset=_tag, path="tags"),
)


def _setting(
    token: str,
    properties: Mapping[str, Prop],
    put: Step,
    read: str,
    delete: str,
    missing: str,
    always_exists: bool = False,
) -> ResourceType:
    """A setting of one bucket, whose name is its id.

    `read` and `delete` are operations; `missing` is the error code while there is none. If it
    `always_exists`, its deletion only restores the default, so a replacement may come first.
    """
    return ResourceType(
        token=f"aws:s3/{token[:1].lower()}{token[1:]}:{token}",
        service="s3",
        properties={"bucket": Prop(required=True, replace=True, read=None), **properties},
        create=put,
        id=lambda r, a: r["bucket"],
        from_id=lambda id: {"bucket": id},
        read=ApiCall(read, lambda r: {"Bucket": r.id}),
        updates=(Update(tuple(properties), (put,)),),
        delete=ApiCall(delete, lambda r: {"Bucket": r.id}),
        missing=(*_GONE, missing),
        delete_first=() if always_exists else ("bucket",),
    )


POLICY = _setting(
    "BucketPolicy",
    {"policy": Prop(Document(), required=True)},
    ApiCall("put_bucket_policy", lambda r: r.arguments("bucket", "policy")),
    "get_bucket_policy",
    "delete_bucket_policy",
    "NoSuchBucketPolicy",
)
_ALGORITHM = Block(
    fields={
        "sseAlgorithm": Prop(
            string(one_of("AES256", "aws:kms")), required=True, aws="SSEAlgorithm"
        ),
    }
)
ENCRYPTION = _setting(
    "BucketServerSideEncryptionConfiguration",
    {
        "rules": Prop(
            Array(of=Block(fields={"applyServerSideEncryptionByDefault": Prop(_ALGORITHM)})),
            required=True,
            read="ServerSideEncryptionConfiguration.Rules",
        )
    },
    ApiCall(
        "put_bucket_encryption",
        lambda r: {
            **r.arguments("bucket"),
            "ServerSideEncryptionConfiguration": r.arguments("rules"),
        },
    ),
    "get_bucket_encryption",
    "delete_bucket_encryption",
    "ServerSideEncryptionConfigurationNotFoundError",
    always_exists=True,
)
_RULE = Block(
    fields={
        "id": Prop(required=True, aws="ID"),
        "status": Prop(string(one_of("Enabled", "Disabled")), required=True),
        "filter": Prop(Block(fields={"prefix": Prop()})),
        "expiration": Prop(Block(fields={"days": Prop(integer(between(1, 2147483647)))})),
    }
)
LIFECYCLE = _setting(
    "BucketLifecycleConfiguration",
    {"rules": Prop(Array(of=_RULE), required=True)},
    ApiCall(
        "put_bucket_lifecycle_configuration",
        lambda r: {**r.arguments("bucket"), "LifecycleConfiguration": r.arguments("rules")},
    ),
    "get_bucket_lifecycle_configuration",
    "delete_bucket_lifecycle",
    "NoSuchLifecycleConfiguration",
)
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
PUBLIC_ACCESS = _setting(
    "BucketPublicAccessBlock",
    {
        name: Prop(
            boolean(),
            default=False,
            read=f"PublicAccessBlockConfiguration.{name[:1].upper()}{name[1:]}",
        )
        for name in _BLOCKS
    },
    ApiCall(
        "put_public_access_block",
        lambda r: {
            **r.arguments("bucket"),
            "PublicAccessBlockConfiguration": r.arguments(*_BLOCKS),
        },
    ),
    "get_public_access_block",
    "delete_public_access_block",
    "NoSuchPublicAccessBlockConfiguration",
)
_OWNER = Block(
    fields={"objectOwnership": Prop(string(one_of("BucketOwnerEnforced")), required=True)}
)
OWNERSHIP = _setting(
    "BucketOwnershipControls",
    {"rule": Prop(_OWNER, required=True, read="OwnershipControls.Rules[0]")},
    ApiCall(
        "put_bucket_ownership_controls",
        lambda r: {
            **r.arguments("bucket"),
            "OwnershipControls": {"Rules": [r.arguments("rule")["Rule"]]},
        },
    ),
    "get_bucket_ownership_controls",
    "delete_bucket_ownership_controls",
    "OwnershipControlsNotFoundError",
)

TYPES = (BUCKET, POLICY, ENCRYPTION, LIFECYCLE, PUBLIC_ACCESS, OWNERSHIP)
