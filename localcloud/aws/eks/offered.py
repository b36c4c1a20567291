"""What the cloud's EKS implements; anything else is refused by name."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from localcloud.aws import errors
from localcloud.aws.eks import addon_configuration
from localcloud.aws.errors import AwsError
from localcloud.tools import kubernetes_versions
from localcloud.tools import versions as tools

VERSION = tools.KUBERNETES.rpartition(".")[0]
PLATFORM = "eks.1"
AMI_TYPE = "AL2023_x86_64_STANDARD"
CAPACITY = "ON_DEMAND"
DATES = ("20261101", "20261015")  # of the node releases of each Kubernetes version, newest first
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
# The type of each, and its versions, of which the first is the default; see addon_versions().
ADDONS = {
    "vpc-cni": ("networking", ("v1.20.4-eksbuild.2", "v1.20.3-eksbuild.1")),
    "kube-proxy": ("networking", ()),  # that of each Kubernetes version
    "coredns": ("networking", (f"v{tools.COREDNS}-eksbuild.1",)),
    "eks-pod-identity-agent": ("security", ("v1.3.10-eksbuild.1",)),
    "eks-node-monitoring-agent": ("observability", ("v1.4.1-eksbuild.1",)),  # a record only
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
UPDATE_CLUSTER_VERSION = {"name", "version", "clientRequestToken", "force"}
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
    "clientRequestToken", "nodeRepairConfig",
}  # fmt: skip


def not_offered(what: str) -> AwsError:
    """The error for something that the cloud's EKS does not implement."""
    return errors.not_offered(what, "InvalidParameterException")


def check_parameters(params: Mapping[str, Any], accepted: Collection[str], of: str) -> None:
    """Raise for a parameter that is not accepted, unless its value is empty."""
    for name, value in params.items():
        if name not in accepted and value not in (None, [], {}, False):
            raise not_offered(f"{name} of {of}")


def versions() -> tuple[str, ...]:
    """The Kubernetes versions that the cloud was built with."""
    return tuple(kubernetes_versions())


def check_version(version: str | None) -> str:
    """The Kubernetes version of a request, by default `VERSION`, which every cloud has.

    Raises AwsError for one that it was not built with.
    """
    if version not in (None, *versions()):
        raise not_offered(
            f"Kubernetes {version} (it runs {', '.join(versions())}; python -m localcloud.tools "
            "--help lists what else can be built)"
        )
    return version or VERSION


def addon_versions(name: str, version: str) -> tuple[str, ...]:
    """The versions of an add-on for a Kubernetes version; the first is the default."""
    if name == "kube-proxy":  # kube-proxy may be older than the API server, never newer
        known = [each for each in versions() if as_numbers(each) <= as_numbers(version)]
        return tuple(f"v{kubernetes_versions()[each]}-eksbuild.1" for each in reversed(known))
    return ADDONS[name][1]


def as_numbers(version: str) -> tuple[int, ...]:
    """A Kubernetes version such as 1.35 as numbers to compare."""
    return tuple(int(part) for part in version.split("."))


def releases(version: str) -> tuple[str, ...]:
    """The releases of the nodes' image for a Kubernetes version, newest first."""
    return tuple(f"{kubernetes_versions()[version]}-{date}" for date in DATES)


def age(release: str | None) -> int:
    """How many releases are newer than this one; 0 if it is None."""
    return DATES.index(release.rpartition("-")[2]) if release else 0


def check_release(release: str | None, version: str) -> str:
    """The release of a request, else the newest. Raises AwsError if `version` does not have it."""
    if release not in (None, *releases(version)):
        raise AwsError(
            "InvalidParameterException",
            f"Requested release version {release} is not valid for kubernetes version {version}.",
        )
    return release or releases(version)[0]


def check_cluster(params: Mapping[str, Any]) -> None:
    """Raise for a cluster setting that is not implemented."""
    check_parameters(params.get("resourcesVpcConfig") or {}, VPC_CONFIG, "resourcesVpcConfig")
    for name in ("zonalShiftConfig", "computeConfig"):
        if (params.get(name) or {}).get("enabled"):
            raise not_offered(name)
    if ((params.get("storageConfig") or {}).get("blockStorage") or {}).get("enabled"):
        raise not_offered("storageConfig")
    network = params.get("kubernetesNetworkConfig") or {}
    if network.get("ipFamily", "ipv4") != "ipv4":
        raise not_offered(f"the IP family {network['ipFamily']}")
    if (network.get("elasticLoadBalancing") or {}).get("enabled"):
        raise not_offered("elasticLoadBalancing of kubernetesNetworkConfig")
    mode = (params.get("accessConfig") or {}).get("authenticationMode", "API")
    if mode != "API":
        raise not_offered(f"the authentication mode {mode} (only API is)")


def check_nodegroup(params: Mapping[str, Any]) -> None:
    """Raise for a node group setting that is not implemented."""
    if params.get("amiType", AMI_TYPE) != AMI_TYPE:
        raise not_offered(f"the AMI type {params['amiType']} (only {AMI_TYPE} is)")
    if params.get("capacityType", CAPACITY) != CAPACITY:
        raise not_offered(f"the capacity type {params['capacityType']}")
    if len(params.get("instanceTypes") or []) > 1:
        raise not_offered("more than one instance type in a node group")
    config = params.get("updateConfig") or {}
    if config.get("updateStrategy", "DEFAULT") != "DEFAULT":
        raise not_offered(f"the update strategy {config['updateStrategy']}")
    if config.get("maxUnavailable") and config.get("maxUnavailablePercentage"):
        raise AwsError(
            "InvalidParameterException",
            "Specify either maxUnavailable or maxUnavailablePercentage, not both",
        )


def check_addon(params: Mapping[str, Any], kubernetes: str = "") -> None:
    """Raise for an add-on, a version or a configuration that the cloud does not have.

    `kubernetes` is the cluster's version; if it is "", the add-on's version may be for any.
    """
    name, version = params.get("addonName"), params.get("addonVersion")
    if name not in (None, *ADDONS):
        raise not_offered(f"the add-on {name} (only {', '.join(ADDONS)} are)")
    known = addon_versions(name, kubernetes or versions()[-1]) if name else ()
    if name and version not in (None, *known):
        raise AwsError(
            "InvalidParameterException",
            f"Addon version specified is not supported: {name} {version} (the local cloud has "
            f"{', '.join(known)})",
        )
    try:
        configuration = json.loads(params.get("configurationValues") or "{}")
        if name:
            addon_configuration.check_configuration(name, configuration)
    except ValueError as error:
        message = f"ConfigurationValue provided in request is not supported: {error}"
        raise AwsError("InvalidParameterException", message) from None
    if params.get("resolveConflicts") == "PRESERVE":
        raise not_offered("resolveConflicts PRESERVE (only NONE and OVERWRITE are)")
    if params.get("preserve"):
        raise not_offered("preserve of DeleteAddon")


def check_launch_template(data: Mapping[str, Any]) -> None:
    """Raise for launch template data that is not implemented for node groups."""
    for name in ("ImageId", "KeyName", "NetworkInterfaces"):
        if data.get(name):
            raise not_offered(f"{name} in a node group's launch template")
