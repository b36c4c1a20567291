"""The inputs that `eks:index:Cluster` accepts here; all others are refused by name.

pulumi-eks has 57 inputs, most of them for node groups, add-ons and security groups that it makes.
This component makes none of these: the program has its own node groups and add-ons, and EKS makes
the security group. Where an input's default would make the official component create one of these,
the program must set the value in `_FIXED`.
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import pulumi

ACCEPTED = (
    "accessEntries", "authenticationMode", "bootstrapSelfManagedAddons", "clusterTags",
    "corednsAddonOptions", "createOidcProvider", "deletionProtection", "enableConfigMapMutable",
    "enabledClusterLogTypes", "encryptionConfigKeyArn", "endpointPrivateAccess",
    "endpointPublicAccess", "ipFamily", "kubeProxyAddonOptions",
    "kubernetesServiceIpAddressRange", "name", "privateSubnetIds", "providerCredentialOpts",
    "publicAccessCidrs", "publicSubnetIds", "skipDefaultNodeGroup", "skipDefaultSecurityGroups",
    "subnetIds", "tags", "upgradePolicy", "useDefaultVpcCni", "version", "vpcId",
)  # fmt: skip
_NODES = "the local cloud makes no nodes with a cluster: make an aws.eks.NodeGroup"
_GROUPS = (
    "the local cloud makes no security groups with a cluster: the cluster security group that EKS"
    " makes is used for everything"
)
_CONFIG_MAP = "a cluster in mode API has no aws-auth ConfigMap: use accessEntries"
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "createInstanceRole", "desiredCapacity", "gpu", "instanceProfileName", "instanceRole",
            "instanceRoles", "instanceType", "maxSize", "minSize", "nodeAmiId",
            "nodeAssociatePublicIpAddress", "nodeGroupOptions", "nodePublicKey",
            "nodeRootVolumeEncrypted", "nodeRootVolumeSize", "nodeSubnetIds", "nodeUserData",
        ),
        _NODES,
    ),
    "clusterSecurityGroup": _GROUPS,
    "clusterSecurityGroupTags": _GROUPS,
    "nodeSecurityGroupTags": _GROUPS,
    "roleMappings": _CONFIG_MAP,
    "userMappings": _CONFIG_MAP,
    "autoMode": "the local cloud has no EKS Auto Mode: make an aws.eks.NodeGroup",
    "creationRoleProvider": "is for Node.js programs only: use providerCredentialOpts",
    "fargate": "the local cloud has no Fargate: make an aws.eks.NodeGroup",
    "proxy": "the local cloud's API servers are on this machine: leave it out",
    "serviceRole": "the local cloud's component makes the cluster's role: leave it out",
    "storageClasses": "the local cloud has no disks for volumes: leave it out",
    "vpcCniOptions": "the local cloud makes no add-ons with a cluster: make an aws.eks.Addon",
}  # fmt: skip
"""The inputs that only the official component has, with the reasons."""


def _makes_kube_proxy(options: Mapping[str, Any]) -> bool:
    return options.get("enabled") is not False


def _makes_coredns(options: Mapping[str, Any]) -> bool:
    # The official component makes it by default only with a node group of its own.
    return options.get("enabled") is True or bool(options.get("configurationValues"))


_FIXED: Mapping[str, tuple[Callable[[Any], bool], Any]] = {
    "authenticationMode": (lambda given: given != "API", "API"),
    "corednsAddonOptions": (lambda given: _makes_coredns(given or {}), {"enabled": False}),
    "ipFamily": (lambda given: given == "ipv6", "ipv4"),
    "kubeProxyAddonOptions": (lambda given: _makes_kube_proxy(given or {}), {"enabled": False}),
    "skipDefaultNodeGroup": (lambda given: given is not True, True),
    "skipDefaultSecurityGroups": (lambda given: given is not True, True),
    "useDefaultVpcCni": (lambda given: given is not True, True),
}
"""Inputs that have only one value here: with another one the official component makes more
resources (for ipFamily: needs IPv6). A test for wrong values, and the right value for the
message."""


def check(inputs: Mapping[str, Any]) -> None:
    """Raises InputPropertiesError with every invalid input, by name."""
    given = {name: value for name, value in inputs.items() if value is not None}
    failures = {**_not_accepted(given), **_fixed(given), **_missing(given), **_combinations(given)}
    if failures:
        raise pulumi.InputPropertiesError(
            "eks:index:Cluster in the local cloud:",
            [{"property_path": path, "reason": reason} for path, reason in failures.items()],
        )


def public_access_cidrs(cidrs: Sequence[str] | None, public: bool | None) -> Sequence[str] | None:
    """The CIDRs, once known. Raises InputPropertyError if public access is off."""
    if cidrs is not None and public is False:
        raise pulumi.InputPropertyError("publicAccessCidrs", _PRIVATE)
    return cidrs


_PRIVATE = "can only be set when endpointPublicAccess is true: leave it out"


def _not_accepted(given: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for name in given:
        if name in REFUSED:
            found[name] = REFUSED[name]
        elif name not in ACCEPTED:
            close = get_close_matches(name, ACCEPTED, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            found[name] = f"is not an input of eks:index:Cluster{hint}"
    return found


def _fixed(given: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: f"must be {right!r} in the local cloud, not {given.get(name)!r}"
        for name, (wrong, right) in _FIXED.items()
        if wrong(given.get(name))
    }


def _missing(given: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    if "vpcId" not in given:
        found["vpcId"] = "is required: the local cloud makes no default VPC"
    if not {"subnetIds", "publicSubnetIds", "privateSubnetIds"} & given.keys():
        found["subnetIds"] = "is required, or publicSubnetIds and privateSubnetIds"
    if not isinstance(given.get("accessEntries", {}), Mapping):
        found["accessEntries"] = "its keys name resources, so they must be known from the start"
    return found


def _combinations(given: Mapping[str, Any]) -> dict[str, str]:
    """What the official component refuses too (createCore)."""
    found = {}
    if "subnetIds" in given and {"publicSubnetIds", "privateSubnetIds"} & given.keys():
        found["subnetIds"] = "either it, or publicSubnetIds and privateSubnetIds, and not both"
    known = isinstance(given.get("publicAccessCidrs"), Sequence)
    if known and given.get("endpointPublicAccess") is False:
        found["publicAccessCidrs"] = _PRIVATE
    return found
