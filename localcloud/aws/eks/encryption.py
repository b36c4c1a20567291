"""Envelope encryption of a cluster's secrets: the KMS key and the data key it encrypts."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws import backends
from localcloud.aws.eks import offered
from localcloud.aws.eks.state import ClusterState, invalid

KEY_BYTES = 32
RESOURCES = ["secrets"]


def check(params: Mapping[str, Any]) -> None:
    """Raise InvalidParameterException for a configuration that names no usable KMS key."""
    configs = params.get("encryptionConfig") or []
    if len(configs) > 1:
        raise invalid("Only one encryptionConfig is allowed")
    for config in configs:
        if config.get("resources") != RESOURCES:
            raise offered.not_offered(f"encryption of {config.get('resources')}")
        _check_key((config.get("provider") or {}).get("keyArn") or "")


def _check_key(key_arn: str) -> None:
    parts = key_arn.split(":")
    key = None
    if len(parts) == 6 and parts[2] == "kms":
        key = backends.kms(parts[3]).keys.get(parts[5].removeprefix("key/"))
    if key is None or key.key_state != "Enabled":
        raise invalid(f"The keyArn {key_arn} is not an enabled key")
    if key.key_spec != "SYMMETRIC_DEFAULT":
        raise invalid(f"The keyArn {key_arn} is not symmetric")


def key_of(state: ClusterState) -> str | None:
    """The ARN of the customer's key, or None."""
    configs = state.record.get("encryptionConfig")
    return str(configs[0]["provider"]["keyArn"]) if configs else None


def data_key(state: ClusterState) -> bytes:
    """The data key that encrypts the cluster's secrets, generated on first use.

    Raises LookupError for a cluster without a KMS key.
    """
    arn = key_of(state)
    if arn is None:
        raise LookupError(f"cluster {state.name} has no encryption key")
    if not state.data_key:
        kms = backends.kms(arn.split(":")[3])
        state.data_key, _, _ = kms.generate_data_key(arn, {}, KEY_BYTES, "")
    return state.data_key
