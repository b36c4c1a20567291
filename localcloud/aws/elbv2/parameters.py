"""Checks ELBv2 requests: their shapes, and what moto would accept and ignore."""

from localcloud.aws import validation
from localcloud.aws.calls import Call
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


def check(call: Call) -> None:
    """Raise AwsError for a bad value, and for a parameter that is not implemented."""
    validation.check(call, "ValidationError")
    for name in IGNORED.get(call.operation, ()):
        value = call.params.get(name)
        if value and value not in DEFAULTS:
            raise not_offered(f"{name} of {call.operation}")
