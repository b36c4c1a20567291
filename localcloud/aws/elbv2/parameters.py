"""Checks ELBv2 requests for what the cloud does not implement; moto would accept and ignore it."""

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.aws.elbv2 import limits, tls
from localcloud.aws.elbv2.offered import not_offered
from localcloud.aws.errors import AwsError

REFUSED_PARAMETERS = {
    "CreateLoadBalancer": (
        "CustomerOwnedIpv4Pool",
        "EnablePrefixForIpv6SourceNat",
        "IpamPools",
    ),
    "CreateRule": ("Transforms",),
    "ModifyRule": ("Transforms", "ResetTransforms"),
    "CreateTargetGroup": ("IpAddressType", "TargetControlPort"),
    "SetSecurityGroups": ("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",),
    "SetSubnets": ("EnablePrefixForIpv6SourceNat", "IpAddressType"),
}
DEFAULTS = ("ipv4",)  # values that change nothing


def _check_tags(keys: Sequence[str]) -> None:
    """API_AddTags.html; the operations that create take tags, too."""
    limits.check("tags-per-resource", len(set(keys)))
    if len(set(keys)) < len(keys):
        raise AwsError("DuplicateTagKeys", "A tag key was specified more than once")


def check(operation: str, params: Mapping[str, Any]) -> None:
    """Raise AwsError for what is not implemented, and for tags and TLS that AWS refuses."""
    if operation in ("CreateListener", "ModifyListener"):
        tls.check_parameters(params)
    _check_tags([tag["Key"] for tag in params.get("Tags") or []])
    for name in REFUSED_PARAMETERS.get(operation, ()):
        value = params.get(name)
        if value and value not in DEFAULTS:
            raise not_offered(f"{name} of {operation}")
