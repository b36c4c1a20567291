"""The rules of a bucket's lifecycle, as S3 checks them.

docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html and
API_LifecycleRule.html
"""

from typing import Any

from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError

MOST_RULES, LONGEST_ID = 1000, 255
ACTIONS = {
    "AbortIncompleteMultipartUpload", "Expiration", "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions", "Transitions",
}  # fmt: skip


def check(call: Call) -> None:
    """Raise AwsError for rules that S3 does not store."""
    rules = (call.params.get("LifecycleConfiguration") or {}).get("Rules") or []
    if not 1 <= len(rules) <= MOST_RULES:
        raise AwsError("MalformedXML", f"A lifecycle has 1 to {MOST_RULES} rules")
    ids = [rule["ID"] for rule in rules if rule.get("ID")]
    if len(set(ids)) < len(ids):
        raise _invalid("Rule ID must be unique. Found same ID for more than one rule")
    for rule in rules:
        _check(rule)


def _check(rule: dict[str, Any]) -> None:
    if len(rule.get("ID") or "") > LONGEST_ID:
        raise _invalid(f"ID length should not exceed allowed limit of {LONGEST_ID}")
    if not ACTIONS & {name for name, value in rule.items() if value}:
        raise AwsError("InvalidRequest", "At least one action needs to be specified in a rule")
    expiration = rule.get("Expiration") or {}
    if len(expiration) > 1:
        raise AwsError("MalformedXML", "An expiration has one of Days, Date and a marker")
    if "Days" in expiration and int(expiration["Days"]) < 1:
        raise _invalid("'Days' for Expiration action must be a positive integer")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidArgument", message)
