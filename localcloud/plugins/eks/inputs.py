"""What `eks:index:Cluster` takes here, and the refusal by name of everything else.

pulumi-eks has some fifty inputs, most of them for node groups, add-ons and security groups of its
own making. Here nodes and add-ons are the program's, and the security group is EKS's: the inputs
that would make others must say so.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import pulumi

TAKEN = (
    "accessEntries",
    "authenticationMode",
    "bootstrapSelfManagedAddons",
    "clusterTags",
    "corednsAddonOptions",
    "createOidcProvider",
    "deletionProtection",
    "enabledClusterLogTypes",
    "encryptionConfigKeyArn",
    "endpointPrivateAccess",
    "endpointPublicAccess",
    "kubeProxyAddonOptions",
    "kubernetesServiceIpAddressRange",
    "name",
    "privateSubnetIds",
    "providerCredentialOpts",
    "publicAccessCidrs",
    "publicSubnetIds",
    "skipDefaultNodeGroup",
    "skipDefaultSecurityGroups",
    "subnetIds",
    "tags",
    "upgradePolicy",
    "useDefaultVpcCni",
    "version",
    "vpcId",
)
# What they must be, for this component to make what the official one does.
FIXED: Mapping[str, Any] = {
    "authenticationMode": "API",
    "skipDefaultNodeGroup": True,
    "skipDefaultSecurityGroups": True,
    "useDefaultVpcCni": True,
    "kubeProxyAddonOptions": {"enabled": False},
    "corednsAddonOptions": {"enabled": False},
}


def check(inputs: Mapping[str, Any]) -> None:
    """Raises InputPropertiesError with every input that is not had, by name."""
    failures = {**_unknown(inputs), **_other(inputs), **_missing(inputs)}
    if failures:
        raise pulumi.InputPropertiesError(
            "eks:index:Cluster in the local cloud:",
            [{"property_path": path, "reason": reason} for path, reason in failures.items()],
        )


def _unknown(inputs: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for name in inputs:
        if name not in TAKEN:
            close = get_close_matches(name, TAKEN, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            found[name] = f"is not an input that the local cloud has{hint}"
    return found


def _other(inputs: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: f"must be {value!r} in the local cloud, not {inputs.get(name)!r}"
        for name, value in FIXED.items()
        if inputs.get(name) != value
    }


def _missing(inputs: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    if not inputs.get("vpcId"):
        found["vpcId"] = "is required: the local cloud makes no default VPC"
    subnets = [name for name in ("publicSubnetIds", "privateSubnetIds") if inputs.get(name)]
    if bool(inputs.get("subnetIds")) == bool(subnets):
        found["subnetIds"] = "either it, or publicSubnetIds and privateSubnetIds, and not both"
    if not isinstance(inputs.get("accessEntries", {}), Mapping):
        found["accessEntries"] = "its keys name resources, so they must be known from the start"
    return found
