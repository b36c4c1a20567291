"""The actions and resources of S3's operations, as policies name them.

Source: docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.accounts import PARTITION

_ACTIONS = {  # where they differ from the operation's name
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
_OF_VERSIONS = {"GetObject", "DeleteObject"}


def action(operation: str, params: Mapping[str, Any]) -> str:
    """The name of an operation's action, without the prefix of the service."""
    found = _ACTIONS.get(operation, operation)
    of_version = found in _OF_VERSIONS and _versions(params)
    return f"{found}Version" if of_version else found


def _versions(params: Mapping[str, Any]) -> bool:
    objects = (params.get("Delete") or {}).get("Objects") or [params]
    return any(each.get("VersionId") for each in objects)


def resources(params: Mapping[str, Any]) -> Iterator[str]:
    """The ARNs of a call's bucket or objects."""
    if not params.get("Bucket"):
        return
    bucket = f"arn:{PARTITION}:s3:::{params['Bucket']}"
    deleted = [each["Key"] for each in (params.get("Delete") or {}).get("Objects") or ()]
    keys = deleted or [params[name] for name in ("Key",) if params.get(name)]
    yield from (f"{bucket}/{key}" for key in keys)
    if not keys:
        yield bucket
