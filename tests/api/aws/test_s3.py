"""S3, as docs.aws.amazon.com/AmazonS3/latest/userguide and .../API say of it."""

import json
from typing import Any

import pytest

from tests.api.aws.support import (
    HERE,
    IAM,
    ONE,
    REGION,
    Client,
    document,
    make_role,
    refusal,
    refuses,
    session,
)

ARN = "arn:aws:s3:::one-bucket"
ALGORITHM = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
EXPIRY = {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}


def allow(principal: Any, action: str, resource: str = f"{ARN}/*", **more: Any) -> dict[str, Any]:
    given = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {**given, **more}


def test_objects_are_stored_listed_and_deleted(s3: Any) -> None:
    for key in ("logs/a b+c.gz", "logs/ü/2", "other"):
        s3.put_object(**ONE, Key=key, Body=key.encode())
    found = s3.list_objects_v2(**ONE, Prefix="logs/", MaxKeys=1)
    assert found["IsTruncated"]
    rest = s3.list_objects_v2(
        **ONE, Prefix="logs/", ContinuationToken=found["NextContinuationToken"]
    )
    keys = [each["Key"] for each in (*found["Contents"], *rest["Contents"])]
    assert keys == ["logs/a b+c.gz", "logs/ü/2"]
    assert s3.get_object(**ONE, Key=keys[1])["Body"].read() == "logs/ü/2".encode()
    assert s3.head_object(**ONE, Key=keys[0])["ServerSideEncryption"] == "AES256"
    assert refusal(s3.delete_bucket, **ONE)[0] == "BucketNotEmpty"
    s3.delete_objects(**ONE, Delete={"Objects": [{"Key": key} for key in keys]})
    s3.delete_object(**ONE, Key="other")
    s3.delete_bucket(**ONE)
    assert s3.list_buckets()["Buckets"] == []
    assert refusal(s3.list_objects_v2, **ONE)[0] == "NoSuchBucket"


def test_a_new_bucket_is_encrypted_private_and_its_owners(s3: Any) -> None:
    """.../userguide/default-bucket-encryption.html, .../userguide/create-bucket-faq.html"""
    encryption = s3.get_bucket_encryption(**ONE)["ServerSideEncryptionConfiguration"]
    assert [each["ApplyServerSideEncryptionByDefault"] for each in encryption["Rules"]] == [
        {"SSEAlgorithm": "AES256"}
    ]
    block = s3.get_public_access_block(**ONE)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    controls = s3.get_bucket_ownership_controls(**ONE)["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert s3.get_bucket_location(**ONE)["LocationConstraint"] == REGION


def test_a_buckets_settings_are_kept(s3: Any) -> None:
    s3.put_bucket_encryption(**ONE, ServerSideEncryptionConfiguration={"Rules": [ALGORITHM]})
    s3.put_bucket_lifecycle_configuration(**ONE, LifecycleConfiguration={"Rules": [EXPIRY]})
    s3.put_bucket_versioning(**ONE, VersioningConfiguration={"Status": "Enabled"})
    tags = [{"Key": "a", "Value": "b"}]
    s3.put_bucket_tagging(**ONE, Tagging={"TagSet": tags})
    assert s3.get_bucket_lifecycle_configuration(**ONE)["Rules"] == [EXPIRY]
    assert s3.get_bucket_versioning(**ONE)["Status"] == "Enabled"
    assert s3.get_bucket_tagging(**ONE)["TagSet"] == tags
    for call in (s3.delete_bucket_lifecycle, s3.delete_bucket_tagging, s3.delete_bucket_encryption):
        call(**ONE)
    lacking = refusal(s3.get_bucket_lifecycle_configuration, **ONE)
    assert lacking[0] == "NoSuchLifecycleConfiguration"
    assert s3.get_bucket_encryption(**ONE)["ServerSideEncryptionConfiguration"]


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("one-bucket", HERE, "BucketAlreadyOwnedByYou"),
        ("Upper", HERE, "InvalidBucketName"),
        ("a..b", HERE, "InvalidBucketName"),
        ("192.168.5.4", HERE, "InvalidBucketName"),
        ("xn--bucket", HERE, "InvalidBucketName"),
        ("other", {}, "IllegalLocationConstraintException"),
        ("other", {**HERE, "ObjectLockEnabledForBucket": True}, "NotImplemented"),
        ("other", {**HERE, "ACL": "public-read"}, "AccessControlListNotSupported"),
    ],
)
def test_buckets_that_are_refused(s3: Any, name: str, more: dict[str, Any], code: str) -> None:
    assert refusal(s3.create_bucket, Bucket=name, **more)[0] == code


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("create_multipart_upload", {"Key": "a"}, "CreateMultipartUpload of s3 is not offered"),
        ("put_bucket_website", {"WebsiteConfiguration": {}}, "PutBucketWebsite of s3 is not"),
        ("put_object", {"Key": "a", "StorageClass": "GLACIER"}, "StorageClass of PutObject is not"),
    ],
)
def test_what_is_not_offered_is_refused_by_name(
    s3: Any, operation: str, params: dict[str, Any], words: str
) -> None:
    code, message = refusal(getattr(s3, operation), **ONE, **params)
    assert code == "NotImplemented"
    assert message.startswith(words)


def test_identity_and_bucket_policies_are_evaluated_together(client: Client, s3: Any) -> None:
    """.../userguide/access-control-auth-workflow-bucket-operation.html"""
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": ARN}
    make_role(client, "reader", document(listing))
    reader = client("s3", *session(client, "reader"))
    s3.put_object(**ONE, Key="logs/a", Body=b"x")
    assert reader.list_objects_v2(**ONE)["KeyCount"] == 1
    code, message = refusal(reader.get_object, **ONE, Key="logs/a")
    assert code == "AccessDenied"
    assert "to perform: s3:GetObject on resource: arn:aws:s3:::one-bucket/logs/a" in message
    own = allow({"AWS": f"{IAM}:role/reader"}, "s3:GetObject", f"{ARN}/logs/*")
    insecure = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [ARN, f"{ARN}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }  # fmt: skip
    s3.put_bucket_policy(**ONE, Policy=document(own, insecure))
    assert json.loads(s3.get_bucket_policy(**ONE)["Policy"])["Statement"] == [own, insecure]
    assert reader.get_object(**ONE, Key="logs/a")["Body"].read() == b"x"
    s3.put_object(**ONE, Key="other", Body=b"y")
    assert refusal(reader.get_object, **ONE, Key="other")[0] == "AccessDenied"
    denied = {**own, "Effect": "Deny"}
    s3.put_bucket_policy(**ONE, Policy=document(denied))
    refuses(
        reader.get_object, "AccessDenied", "deny in a resource-based policy", **ONE, Key="logs/a"
    )


LOGS = allow({"Service": "delivery.logs.amazonaws.com"}, "s3:PutObject")


def test_a_policy_for_everybody_of_an_account_is_not_public(s3: Any) -> None:
    """.../userguide/access-control-block-public-access.html"""
    own = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    policy = document(allow("*", "s3:GetObject", Condition=own))
    s3.put_bucket_policy(**ONE, Policy=policy)
    assert json.loads(s3.get_bucket_policy(**ONE)["Policy"]) == json.loads(policy)


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([], "MalformedXML"),
        ([{**EXPIRY, "ID": str(number)} for number in range(1001)], "MalformedXML"),
        ([{**EXPIRY, "Status": "On"}], "MalformedXML"),
        ([{**EXPIRY, "Expiration": {"Days": 1, "Date": "2030-01-01"}}], "MalformedXML"),
        ([{**EXPIRY, "Expiration": {"Days": 0}}], "InvalidArgument"),
        ([EXPIRY, EXPIRY], "InvalidArgument"),
        ([{**EXPIRY, "ID": "a" * 256}], "InvalidArgument"),
        ([{k: v for k, v in EXPIRY.items() if k != "Expiration"}], "InvalidRequest"),
    ],
)
def test_lifecycles_that_are_refused(s3: Any, rules: Any, code: str) -> None:
    """.../API/API_LifecycleRule.html"""
    given = {"LifecycleConfiguration": {"Rules": rules}}
    assert refusal(s3.put_bucket_lifecycle_configuration, **ONE, **given)[0] == code


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("bucket_encryption", {"Rules": [ALGORITHM, ALGORITHM]}, "MalformedXML"),
        ("bucket_encryption", {"Rules": [{"ApplyServerSideEncryptionByDefault": {
            "SSEAlgorithm": "AES256", "KMSMasterKeyID": "a"}}]}, "InvalidArgument"),
        ("bucket_versioning", {"Status": "On"}, "MalformedXML"),
        ("bucket_ownership_controls", {"Rules": []}, "MalformedXML"),
        ("bucket_tagging",
         {"TagSet": [{"Key": str(number), "Value": ""} for number in range(51)]}, "BadRequest"),
    ],
)  # fmt: skip
def test_settings_that_are_refused(s3: Any, operation: str, params: Any, code: str) -> None:
    """.../API, by operation; .../userguide/CostAllocTagging.html: 50 tags"""
    names = {
        "bucket_encryption": "ServerSideEncryptionConfiguration",
        "bucket_versioning": "VersioningConfiguration",
        "bucket_ownership_controls": "OwnershipControls",
        "bucket_tagging": "Tagging",
    }
    call = getattr(s3, f"put_{operation}")
    assert refusal(call, **ONE, **{names[operation]: params})[0] == code


def test_a_key_has_1024_bytes(s3: Any) -> None:
    """.../userguide/object-keys.html"""
    s3.put_object(**ONE, Key="é" * 512, Body=b"x")
    assert refusal(s3.put_object, **ONE, Key="é" * 512 + "a", Body=b"x")[0] == "KeyTooLongError"


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ("no JSON", "MalformedPolicy"),
        (document(allow({"AWS": "*"}, "s3:GetObject", "arn:aws:s3:::other/*")), "MalformedPolicy"),
        (document(allow({"AWS": "*"}, "ec2:RunInstances")), "MalformedPolicy"),
        (document(allow("*", "s3:GetObject")), "AccessDenied"),
        (document(allow({"AWS": ["*"]}, "s3:GetObject")), "AccessDenied"),
        (
            document(
                allow("*", "s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}})
            ),
            "AccessDenied",
        ),
        (
            document(
                allow("*", "s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})
            ),
            "AccessDenied",
        ),
        ('{"Statement": []}', "MalformedPolicy"),
        (json.dumps({"Version": "2013-10-17", "Statement": [LOGS]}), "MalformedPolicy"),
        (json.dumps({"Statement": [LOGS], "Other": 1}), "MalformedPolicy"),
        (document({**LOGS, "Other": 1}), "MalformedPolicy"),
        (document({**LOGS, "Effect": "Maybe"}), "MalformedPolicy"),
        (document({**LOGS, "NotAction": "s3:GetObject"}), "MalformedPolicy"),
        (document({k: v for k, v in LOGS.items() if k != "Action"}), "MalformedPolicy"),
        (document({**LOGS, "Principal": {"Role": "reader"}}), "MalformedPolicy"),
        (document({**LOGS, "Condition": "x"}), "MalformedPolicy"),
        (document({**LOGS, "Sid": "a"}, {**LOGS, "Sid": "a"}), "MalformedPolicy"),
        (document({**LOGS, "Resource": [f"{ARN}/{'a' * 900}"] * 23}), "PolicyTooLarge"),
    ],
)
def test_bucket_policies_that_are_refused(s3: Any, policy: str, code: str) -> None:
    """docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html,
    .../userguide/access-control-block-public-access.html ("The meaning of public")"""
    assert refusal(s3.put_bucket_policy, **ONE, Policy=policy)[0] == code
