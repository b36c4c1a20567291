"""moto's S3 with what every new bucket has on AWS, and with our evaluation of bucket policies."""

from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend

from localcloud.aws.moto_backend import MotoBackend

SSE_S3 = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}}


def decided_already(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    """Replaces moto's evaluation of bucket policies, which ignores principals and conditions:
    `authorize` has already decided."""
    return PermissionResult.NEUTRAL


class S3(MotoBackend, S3Backend):
    """The account's buckets."""

    def create_bucket(
        self, bucket_name: str, region_name: str, bucket_namespace: str | None = None
    ) -> FakeBucket:
        """A new bucket is encrypted, not public, and its owner owns all objects.

        docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html and
        .../userguide/create-bucket-faq.html
        """
        made = super().create_bucket(bucket_name, region_name, bucket_namespace)
        made.encryption = dict(SSE_S3)
        made.public_access_block = PublicAccessBlock(*["true"] * 4)
        owner: Any = "BucketOwnerEnforced"
        made.ownership_rule = owner
        return made

    def delete_bucket_encryption(self, bucket_name: str) -> None:
        """The bucket is encrypted with SSE-S3 again."""
        self.get_bucket(bucket_name).encryption = dict(SSE_S3)
