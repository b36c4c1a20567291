"""What the cloud's EKS implements; anything else is refused by name."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from localcloud.aws.eks import addon_configuration
from localcloud.aws.errors import AwsError, not_offered
from localcloud.tools import versions

VERSION = versions.KUBERNETES.rpartition(".")[0]
PLATFORM = "eks.1"
AMI_TYPE = "AL2023_x86_64_STANDARD"
CAPACITY = "ON_DEMAND"
RELEASE = f"{versions.KUBERNETES}-20261101"
EVERYWHERE = ["0.0.0.0/0"]
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
ADDONS = {  # the only version of each, and its type
    "vpc-cni": ("v1.20.4-eksbuild.2", "networking"),
    "kube-proxy": (f"v{versions.KUBERNETES}-eksbuild.1", "networking"),
    "coredns": (f"v{versions.COREDNS}-eksbuild.1", "networking"),
    "eks-pod-identity-agent": ("v1.3.10-eksbuild.1", "security"),
}

CREATE_CLUSTER = {
    "name", "version", "roleArn", "resourcesVpcConfig", "kubernetesNetworkConfig", "logging",
    "clientRequestToken", "tags", "accessConfig", "bootstrapSelfManagedAddons", "upgradePolicy",
    "zonalShiftConfig", "computeConfig", "storageConfig", "deletionProtection",
    "encryptionConfig",
}  # fmt: skip
UPDATE_CLUSTER = {
    "name", "resourcesVpcConfig", "logging", "clientRequestToken", "accessConfig", "upgradePolicy",
    "deletionProtection", "zonalShiftConfig",
}  # fmt: skip
VPC_CONFIG = {
    "subnetIds", "securityGroupIds", "endpointPublicAccess", "endpointPrivateAccess",
    "publicAccessCidrs",
}  # fmt: skip
CREATE_NODEGROUP = {
    "clusterName", "nodegroupName", "scalingConfig", "diskSize", "subnets", "instanceTypes",
    "amiType", "nodeRole", "labels", "taints", "tags", "clientRequestToken", "launchTemplate",
    "updateConfig", "capacityType", "version", "releaseVersion", "nodeRepairConfig",
}  # fmt: skip
UPDATE_NODEGROUP = {
    "clusterName", "nodegroupName", "labels", "taints", "scalingConfig", "updateConfig",
    "clientRequestToken",
}  # fmt: skip


def refuse(what: str) -> AwsError:
    """The error for something that the cloud's EKS does not implement."""
    return not_offered(what, "InvalidParameterException")


def only(params: Mapping[str, Any], accepted: Collection[str], of: str) -> None:
    """Raise for a parameter that is not accepted, unless its value is empty."""
    for name, value in params.items():
        if name not in accepted and value not in (None, [], {}, False):
            raise refuse(f"{name} of {of}")


def check_version(version: str | None) -> str:
    """The Kubernetes version of a request. Raises AwsError for another than the cloud's."""
    if version not in (None, VERSION):
        raise refuse(f"Kubernetes {version} (it runs {VERSION}, which it was built with)")
    return VERSION


def check_cluster(params: Mapping[str, Any]) -> None:
    """Raise for a cluster setting that is not implemented."""
    only(params.get("resourcesVpcConfig") or {}, VPC_CONFIG, "resourcesVpcConfig")
    cidrs = (params.get("resourcesVpcConfig") or {}).get("publicAccessCidrs")
    if cidrs not in (None, [], EVERYWHERE):
        raise refuse(f"publicAccessCidrs {', '.join(cidrs)}")
    for name in ("zonalShiftConfig", "computeConfig"):
        if (params.get(name) or {}).get("enabled"):
            raise refuse(name)
    if ((params.get("storageConfig") or {}).get("blockStorage") or {}).get("enabled"):
        raise refuse("storageConfig")
    network = params.get("kubernetesNetworkConfig") or {}
    if network.get("ipFamily", "ipv4") != "ipv4":
        raise refuse(f"the IP family {network['ipFamily']}")
    if (network.get("elasticLoadBalancing") or {}).get("enabled"):
        raise refuse("elasticLoadBalancing of kubernetesNetworkConfig")
    mode = (params.get("accessConfig") or {}).get("authenticationMode", "API")
    if mode != "API":
        raise refuse(f"the authentication mode {mode} (it has API)")


def check_nodegroup(params: Mapping[str, Any]) -> None:
    """Raise for a node group setting that is not implemented."""
    if params.get("amiType", AMI_TYPE) != AMI_TYPE:
        raise refuse(f"the AMI type {params['amiType']} (it has {AMI_TYPE})")
    if params.get("capacityType", CAPACITY) != CAPACITY:
        raise refuse(f"the capacity type {params['capacityType']}")
    if len(params.get("instanceTypes") or []) > 1:
        raise refuse("more than one instance type in a node group")
    if (params.get("nodeRepairConfig") or {}).get("enabled"):
        raise refuse("nodeRepairConfig")


def check_addon(params: Mapping[str, Any]) -> None:
    """Raise for an add-on, a version or a configuration that the cloud does not have."""
    name, version = params.get("addonName"), params.get("addonVersion")
    if name not in (None, *ADDONS):
        raise refuse(f"the add-on {name} (it has {', '.join(ADDONS)})")
    if name and version not in (None, ADDONS[name][0]):
        raise AwsError(
            "InvalidParameterException",
            f"Addon version specified is not supported: {name} {version} (the local cloud has "
            f"{ADDONS[name][0]})",
        )
    try:
        configuration = json.loads(params.get("configurationValues") or "{}")
        if name:
            addon_configuration.check_configuration(name, configuration)
    except ValueError as error:
        message = f"ConfigurationValue provided in request is not supported: {error}"
        raise AwsError("InvalidParameterException", message) from None
    if params.get("preserve"):
        raise refuse("preserve of DeleteAddon")


def check_launch_template(data: Mapping[str, Any]) -> None:
    """Raise for launch template data that is not implemented for node groups."""
    for name in ("ImageId", "KeyName", "NetworkInterfaces"):
        if data.get(name):
            raise refuse(f"{name} in a node group's launch template")
