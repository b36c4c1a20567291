"""Access logs of the load balancers, in an encrypted bucket."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.policies import PolicyDocument, document

ALB, NLB = "alb", "nlb"  # prefixes in the bucket
_ENABLED, _BUCKET, _PREFIX = (f"access_logs.s3.{name}" for name in ("enabled", "bucket", "prefix"))


@dataclass(frozen=True, kw_only=True)
class AccessLogsArgs:
    """`days` is how long logs are kept, 0 for no logs; `region` is that of the load balancers."""

    days: int
    region: str


@dataclass(frozen=True, kw_only=True)
class LogDestination:
    """The bucket that load balancers write logs to, None for no logs, and what must exist first."""

    bucket: pulumi.Output[str] | None = None
    ready: tuple[pulumi.Resource, ...] = ()

    def attributes(self, prefix: str) -> pulumi.Input[str]:
        """Load balancer attributes for an annotation. One left out would keep its last value."""
        if self.bucket is None:
            return f"{_ENABLED}=false"
        return pulumi.Output.concat(
            f"{_ENABLED}=true,{_BUCKET}=", self.bucket, f",{_PREFIX}={prefix}"
        )


def access_logs(name: str, args: AccessLogsArgs) -> LogDestination:
    """The destination of the stack's access logs, with a bucket if there are any."""
    return AccessLogs(name, args).destination if args.days else LogDestination()


class AccessLogs(pulumi.ComponentResource):
    """A bucket with SSE-S3, as application load balancers support no other encryption:
    docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"""

    destination: LogDestination

    def __init__(
        self, name: str, args: AccessLogsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("eks-service-types:index:AccessLogs", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        # Logs come in until the load balancers are deleted: `destroy` deletes the bucket with them.
        bucket = aws.s3.Bucket(f"{name}-bucket", force_destroy=True, opts=own)
        settings = self._settings(name, bucket, args.days)
        account_id = aws.get_caller_identity_output(
            opts=pulumi.InvokeOutputOptions(parent=self)
        ).account_id
        policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=pulumi.Output.all(bucket.arn, account_id).apply(
                lambda known: json.dumps(
                    bucket_policy(bucket_arn=known[0], account_id=known[1], region=args.region)
                )
            ),
            # S3 refuses two changes of one bucket's access at a time.
            opts=pulumi.ResourceOptions(parent=self, depends_on=settings),
        )
        self.destination = LogDestination(bucket=bucket.bucket, ready=(*settings, policy))
        self.register_outputs({"bucket": bucket.bucket})

    def _settings(self, name: str, bucket: aws.s3.Bucket, days: int) -> list[pulumi.Resource]:
        own = pulumi.ResourceOptions(parent=self)
        rule: aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict = {
            "apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}
        }
        expiry = aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="expire",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
        )
        return [
            aws.s3.BucketServerSideEncryptionConfiguration(
                f"{name}-encryption", bucket=bucket.bucket, rules=[rule], opts=own
            ),
            aws.s3.BucketLifecycleConfiguration(
                f"{name}-lifecycle", bucket=bucket.bucket, rules=[expiry], opts=own
            ),
            aws.s3.BucketPublicAccessBlock(
                f"{name}-public-access",
                bucket=bucket.bucket,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
                opts=own,
            ),
        ]


def bucket_policy(*, bucket_arn: str, account_id: str, region: str) -> PolicyDocument:
    """The services that deliver logs may write to the bucket; requests without TLS are denied.

    docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
    docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    delivery = {"Service": "delivery.logs.amazonaws.com"}
    source = {
        "StringEquals": {"aws:SourceAccount": account_id},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account_id}:*"},
    }
    owner = {"s3:x-amz-acl": "bucket-owner-full-control", **source["StringEquals"]}
    return document(
        [
            {
                "Sid": "ApplicationLoadBalancers",
                "Effect": "Allow",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"{bucket_arn}/{ALB}/AWSLogs/{account_id}/*",
            },
            {
                "Sid": "NetworkLoadBalancersCheck",
                "Effect": "Allow",
                "Principal": delivery,
                "Action": "s3:GetBucketAcl",
                "Resource": bucket_arn,
                "Condition": source,
            },
            {
                "Sid": "NetworkLoadBalancers",
                "Effect": "Allow",
                "Principal": delivery,
                "Action": "s3:PutObject",
                "Resource": f"{bucket_arn}/{NLB}/AWSLogs/{account_id}/*",
                "Condition": {**source, "StringEquals": owner},
            },
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket_arn, f"{bucket_arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
    )
