"""Checks ELBv2 requests: their shapes, and what moto would accept and ignore."""

from localcloud.aws import validation
from localcloud.aws.calls import Call
from localcloud.aws.elbv2 import tls
from localcloud.aws.elbv2.offered import not_offered

IGNORED = {
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


def check(call: Call) -> None:
    """Raise AwsError for a bad value, and for a parameter that is not implemented."""
    validation.check(call, "ValidationError")
    if call.operation in ("CreateListener", "ModifyListener"):
        tls.check_parameters(call.params)
    for name in IGNORED.get(call.operation, ()):
        value = call.params.get(name)
        if value and value not in DEFAULTS:
            raise not_offered(f"{name} of {call.operation}")
