"""Checks ELBv2 requests for what the cloud does not implement; moto would accept and ignore it."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.elbv2.offered import not_offered

IGNORED = {
    "CreateListener": ("MutualAuthentication",),
    "ModifyListener": ("MutualAuthentication",),
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
DEFAULTS = ("ipv4", "off")  # values that change nothing


def check(operation: str, params: Mapping[str, Any]) -> None:
    """Raise AwsError for a parameter that is not implemented."""
    for name in IGNORED.get(operation, ()):
        value = params.get(name)
        if value and value not in DEFAULTS:
            raise not_offered(f"{name} of {operation}")
