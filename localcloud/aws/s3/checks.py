"""S3's rules where moto has none, and what is not offered, refused by name."""

import re
from collections.abc import Callable

from localcloud.aws import backends, validation
from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.s3 import bucket_policy, lifecycle
from localcloud.aws.services import DEFAULT_REGION

_OF_REQUEST = {  # that any request may have: the bucket, and checksums
    "Bucket", "ChecksumAlgorithm", "ChecksumMode", "ChecksumCRC32", "ChecksumCRC32C",
    "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256", "ContentMD5", "ContentLength",
}  # fmt: skip
_LISTING = {"Delimiter", "EncodingType", "MaxKeys", "Prefix"}
_READING = {"Key", "VersionId", "Range", "IfMatch", "IfNoneMatch"}
OFFERED: dict[str, set[str]] = {
    "ListBuckets": set(),
    "CreateBucket": {"CreateBucketConfiguration", "ObjectOwnership", "ACL"},
    "DeleteBucket": set(),
    "HeadBucket": set(),
    "GetBucketLocation": set(),
    "GetBucketAcl": set(),
    "GetBucketPolicy": set(),
    "PutBucketPolicy": {"Policy"},
    "DeleteBucketPolicy": set(),
    "GetBucketEncryption": set(),
    "PutBucketEncryption": {"ServerSideEncryptionConfiguration"},
    "DeleteBucketEncryption": set(),
    "GetBucketLifecycleConfiguration": set(),
    "PutBucketLifecycleConfiguration": {"LifecycleConfiguration"},
    "DeleteBucketLifecycle": set(),
    "GetPublicAccessBlock": set(),
    "PutPublicAccessBlock": {"PublicAccessBlockConfiguration"},
    "DeletePublicAccessBlock": set(),
    "GetBucketOwnershipControls": set(),
    "PutBucketOwnershipControls": {"OwnershipControls"},
    "DeleteBucketOwnershipControls": set(),
    "GetBucketVersioning": set(),
    "PutBucketVersioning": {"VersioningConfiguration"},
    "GetBucketTagging": set(),
    "PutBucketTagging": {"Tagging"},
    "DeleteBucketTagging": set(),
    "ListObjects": {*_LISTING, "Marker"},
    "ListObjectsV2": {*_LISTING, "ContinuationToken", "FetchOwner", "StartAfter"},
    "ListObjectVersions": {*_LISTING, "KeyMarker", "VersionIdMarker"},
    "GetObject": _READING,
    "HeadObject": _READING,
    "PutObject": {
        "Key", "Body", "ACL", "Metadata", "ServerSideEncryption",
        *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage"),
        "ContentType",
    },
    "DeleteObject": {"Key", "VersionId"},
    "DeleteObjects": {"Delete"},
}  # fmt: skip
"""The operations, each with its parameters besides those of any request."""
_ACLS = {"", "private", "bucket-owner-full-control"}  # of no effect: the owner owns all objects
_LONGEST_KEY, _MOST_TAGS = 1024, 50  # bytes of UTF-8; of a bucket
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FORBIDDEN = re.compile(
    r"(xn--|sthree-|amzn-s3-demo-).*|.*(-s3alias|--ol-s3|\.mrap|--x-s3)|.*\.\..*"
    r"|\d+\.\d+\.\d+\.\d+"
)


def check(call: Call) -> None:
    """Raise AwsError for what S3 or the local cloud refuses."""
    if call.operation not in OFFERED:
        raise _not_offered(f"{call.operation} of s3")
    for name, value in call.params.items():
        if name not in _OF_REQUEST | OFFERED[call.operation] and value not in (None, "", {}):
            raise _not_offered(f"{name} of {call.operation}")
    if call.params.get("ACL", "") not in _ACLS:
        message = "The bucket does not allow ACLs"
        raise AwsError("AccessControlListNotSupported", message)
    bucket = str(call.params.get("Bucket", ""))
    if call.operation == "CreateBucket":
        _check_name(bucket)
    elif bucket:
        _check_region(bucket, call)
    if call.operation.startswith("Put") and call.operation not in ("PutBucketPolicy", "PutObject"):
        validation.check(call, "MalformedXML")  # the body is a document of XML
    if call.operation in _RULES:
        _RULES[call.operation](call)


def _not_offered(what: str) -> AwsError:
    return not_offered(what, "NotImplemented", 501)


def _check_name(name: str) -> None:
    """docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
    if not _NAME.fullmatch(name) or _FORBIDDEN.fullmatch(name):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.")


def _check_region(name: str, call: Call) -> None:
    bucket = backends.s3().buckets.get(name)
    if bucket and bucket.region_name != call.region and call.operation != "GetBucketLocation":
        raise AwsError(
            "AuthorizationHeaderMalformed",
            f"The authorization header is malformed; the region '{call.region}' is wrong; "
            f"expecting '{bucket.region_name}'",
        )


def _check_creation(call: Call) -> None:
    config = call.params.get("CreateBucketConfiguration") or {}
    if extra := set(config) - {"LocationConstraint"}:
        raise _not_offered(f"{', '.join(sorted(extra))} of CreateBucketConfiguration")
    if config.get("LocationConstraint", call.region) != call.region and (
        call.region == DEFAULT_REGION
    ):
        raise _not_offered("a bucket of another region than the request's")
    _check_ownership(call.params.get("ObjectOwnership", "BucketOwnerEnforced"))


def _check_ownership(rule: str) -> None:
    if rule != "BucketOwnerEnforced":
        raise _not_offered(f"the object ownership {rule}")


def _check_key(call: Call) -> None:
    """docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""
    if len(call.params["Key"].encode()) > _LONGEST_KEY:
        raise AwsError("KeyTooLongError", "Your key is too long")


def _check_tags(call: Call) -> None:
    """docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html"""
    if len(call.params["Tagging"]["TagSet"]) > _MOST_TAGS:
        raise AwsError("BadRequest", f"Bucket tag count cannot be greater than {_MOST_TAGS}")


def _check_encryption(call: Call) -> None:
    rules = call.params["ServerSideEncryptionConfiguration"].get("Rules") or []
    if len(rules) != 1:
        raise AwsError("MalformedXML", "An encryption configuration has one rule")
    for rule in rules:
        given = rule.get("ApplyServerSideEncryptionByDefault") or {}
        if given.get("SSEAlgorithm") not in ("AES256", "aws:kms"):
            raise _not_offered(f"the encryption {given.get('SSEAlgorithm')}")
        if given["SSEAlgorithm"] == "AES256" and given.get("KMSMasterKeyID"):
            text = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms"
            raise AwsError("InvalidArgument", text)


_RULES: dict[str, Callable[[Call], None]] = {
    "CreateBucket": _check_creation,
    "PutBucketEncryption": _check_encryption,
    "PutBucketPolicy": bucket_policy.check,
    "PutBucketLifecycleConfiguration": lifecycle.check,
    "PutBucketOwnershipControls": lambda call: _check_ownership(
        call.params["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
    ),
    "PutBucketTagging": _check_tags,
    "PutObject": _check_key,
}
