"""Access logs of load balancers: whether a bucket takes them, and their delivery to it.

Sources: docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html and
.../latest/network/enable-access-logs.html
"""

import gzip
import logging
import secrets
import string
import threading
from datetime import UTC, datetime
from typing import Any

from localcloud.aws import backends
from localcloud.aws.accounts import ACCOUNT, PARTITION
from localcloud.aws.calls import Call
from localcloud.aws.elbv2.snapshots import AccessLogs, LoadBalancer
from localcloud.aws.errors import AwsError
from localcloud.aws.iam import policy

ENABLED, BUCKET, PREFIX = (f"access_logs.s3.{name}" for name in ("enabled", "bucket", "prefix"))
ELB = "logdelivery.elasticloadbalancing.amazonaws.com"
DELIVERY = "delivery.logs.amazonaws.com"  # writes those of network load balancers
# In regions that are older than August 2022 a policy may name an account of ELB's instead.
ACCOUNTS = {
    "us-east-1": "127311923021", "us-east-2": "033677994240", "us-west-1": "027434742980",
    "us-west-2": "797873946194", "af-south-1": "098369216593", "ap-east-1": "754344448648",
    "ap-northeast-1": "582318560864", "ap-northeast-2": "600734575887",
    "ap-northeast-3": "383597477331", "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450", "ap-southeast-2": "783225319266",
    "ap-southeast-3": "589379963580", "ca-central-1": "985666609251",
    "eu-central-1": "054676820928", "eu-north-1": "897822967062", "eu-south-1": "635631232127",
    "eu-west-1": "156460612806", "eu-west-2": "652711504416", "eu-west-3": "009996457667",
    "me-south-1": "076674570225", "sa-east-1": "507241528517",
}  # fmt: skip
_RANDOM = string.ascii_lowercase + string.digits
log = logging.getLogger(__name__)


def check(call: Call) -> None:
    """ModifyLoadBalancerAttributes: raise AwsError unless the bucket takes the logs.

    If it does, write ELBAccessLogTestFile to it, as AWS does.
    """
    given = {each["Key"]: each.get("Value", "") for each in call.params.get("Attributes") or ()}
    balancer = backends.elbv2(call.region).load_balancers.get(call.params["LoadBalancerArn"])
    if balancer is None or not {ENABLED, BUCKET, PREFIX} & set(given):
        return
    wanted = {**balancer.attrs, **given}
    if wanted.get(ENABLED) not in (None, "true", "false"):
        raise AwsError("ValidationError", f"'{wanted[ENABLED]}' of {ENABLED} is no boolean")
    if wanted.get(ENABLED) != "true":
        return
    if not wanted.get(BUCKET):
        raise AwsError("ValidationError", "S3Bucket name cannot be empty")
    prefix = wanted.get(PREFIX, "")
    if "AWSLogs" in prefix or prefix.startswith("/") or prefix.endswith("/"):
        raise AwsError("ValidationError", f"The value '{prefix}' of {PREFIX} is not valid")
    logs = AccessLogs(wanted[BUCKET], prefix)
    refused = _refusal(logs, balancer.type, call.region)
    if refused:
        raise AwsError("InvalidConfigurationRequest", refused)
    _put(logs, "ELBAccessLogTestFile", f"Enable AccessLog for ELB: {balancer.name}".encode())


def _refusal(logs: AccessLogs, kind: str, region: str) -> str | None:
    """Why the bucket does not take a load balancer's logs; None if it does."""
    bucket = backends.s3().buckets.get(logs.bucket)
    denied = f"Access Denied for bucket: {logs.bucket}. Please check S3bucket permission"
    if bucket is None:
        return denied
    if bucket.region_name != region:
        return f"S3Bucket: {logs.bucket} is not located in the same region with ELB"
    default = (bucket.encryption or {}).get("Rule", {})["ApplyServerSideEncryptionByDefault"]
    if kind != "network" and default["SSEAlgorithm"] != "AES256":
        return denied  # "The only server-side encryption option that's supported is SSE-S3"
    document = bucket.policy.decode() if bucket.policy else policy.NOTHING
    needed = _requests(logs, kind, region)
    return None if all(policy.resource_policy_allows(document, one) for one in needed) else denied


def _requests(logs: AccessLogs, kind: str, region: str) -> list[policy.PermissionRequest]:
    """What the bucket's policy has to allow to the service that delivers."""
    arn = f"arn:{PARTITION}:s3:::{logs.bucket}"
    put, objects = "s3:PutObject", (f"{arn}/{_folder(logs)}/any",)
    context: dict[str, tuple[str, ...]] = {"aws:securetransport": ("true",)}
    if kind == "network":
        context |= {
            "aws:sourceaccount": (ACCOUNT,),
            "aws:sourcearn": (f"arn:{PARTITION}:logs:{region}:{ACCOUNT}:any",),
        }
        acl = {"s3:x-amz-acl": ("bucket-owner-full-control",)}
        names = frozenset({DELIVERY})
        return [
            policy.PermissionRequest(put, objects, context | acl, names),
            policy.PermissionRequest("s3:GetBucketAcl", (arn,), context, names),
        ]
    account = ACCOUNTS.get(region, "")
    own = {account, f"arn:{PARTITION}:iam::{account}:root"} if account else set()
    return [policy.PermissionRequest(put, objects, context, frozenset({ELB, *own}))]


def _folder(logs: AccessLogs) -> str:
    return f"{logs.prefix}/AWSLogs/{ACCOUNT}".removeprefix("/")


def _put(logs: AccessLogs, name: str, body: bytes) -> None:
    key = f"{_folder(logs)}/{name}"
    backends.s3().put_object(logs.bucket, key, body, encryption="AES256")


def file_name(arn: str, address: str, end: datetime) -> str:
    """The name of a log file below AWSLogs/<account>/.

    load-balancer-access-logs.html, "Access log files"; without the node's address for network
    load balancers.
    """
    region, balancer = arn.split(":")[3], arn.partition(":loadbalancer/")[2].replace("/", ".")
    node = "" if balancer.startswith("net.") else f"{address}_"
    random = "".join(secrets.choice(_RANDOM) for _ in range(8))
    return (
        f"elasticloadbalancing/{region}/{end:%Y/%m/%d}/{ACCOUNT}_elasticloadbalancing_{region}_"
        f"{balancer}_{end:%Y%m%dT%H%MZ}_{node}{random}.log.gz"
    )


class Delivery:
    """Delivers lines to the buckets; `lock` guards the records."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock

    def __call__(self, balancer: LoadBalancer, lines: bytes) -> None:
        """Deliver lines of a load balancer. Lines that the bucket does not take are lost."""
        logs = balancer.access_logs
        assert logs, "only a load balancer with access logs has lines"
        with self._lock:
            refused = _refusal(logs, balancer.type, balancer.arn.split(":")[3])
            if refused:
                log.warning("access logs of %s are lost: %s", balancer.name, refused)
                return
            address = balancer.addresses[0] if balancer.addresses else "0.0.0.0"
            name = file_name(balancer.arn, address, datetime.now(UTC))
            _put(logs, name, gzip.compress(lines))


def settings(attributes: dict[str, Any]) -> AccessLogs | None:
    """Where a load balancer's logs go, by its attributes; None if they are off."""
    if attributes.get(ENABLED) != "true":
        return None
    return AccessLogs(attributes[BUCKET], attributes.get(PREFIX, ""))
