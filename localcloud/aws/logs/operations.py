"""CloudWatch Logs: the keys of log groups, and patterns that moto does not know."""

from typing import Any

from localcloud.aws import backends
from localcloud.aws.accounts import arn
from localcloud.aws.calls import Call
from localcloud.aws.errors import AwsError, not_offered
from localcloud.aws.iam import policy

ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")


def check(call: Call) -> None:
    """Raise AwsError for what moto would ignore."""
    if call.operation == "CreateLogGroup" and (key := call.params.get("kmsKeyId")):
        check_key(call, key)
    pattern = str(call.params.get("filterPattern") or "").strip()
    if call.operation == "FilterLogEvents" and pattern.startswith(("{", "[", "%", "?", "-")):
        raise not_offered(f"the filter pattern {pattern}", "InvalidParameterException")


def check_key(call: Call, key_arn: str) -> None:
    """Raise unless the key is enabled and its policy lets the service use it for the group."""
    group = arn("logs", call.region, f"log-group:{call.params['logGroupName']}")
    context = {"kms:encryptioncontext:aws:logs:arn": (group,)}
    service = frozenset({f"logs.{call.region}.amazonaws.com"})
    key = backends.kms(call.region).keys.get(key_arn.rpartition("/")[2])
    if (
        key is None
        or key.key_state != "Enabled"
        or not all(
            policy.evaluate_resource_policy(
                str(key.policy),
                policy.PermissionRequest(action, context=context, principals=service),
            )
            == "allowed"
            for action in ACTIONS
        )
    ):
        raise AwsError(
            "InvalidParameterException",
            f"The specified KMS key does not exist or is not allowed to be used with Arn '{group}'",
        )


def _group(call: Call) -> Any:
    group = backends.logs(call.region).groups.get(call.params["logGroupName"])
    if group is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return group


def associate_key(call: Call) -> dict[str, Any]:
    """AssociateKmsKey of a log group."""
    group = _group(call)
    check_key(call, call.params["kmsKeyId"])
    group.kms_key_id = call.params["kmsKeyId"]
    return {}


def disassociate_key(call: Call) -> dict[str, Any]:
    """DisassociateKmsKey of a log group."""
    _group(call).kms_key_id = None
    return {}
