"""The outputs of `eks:index:Cluster`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from localcloud.plugins.eks.kubeconfig import as_json


@dataclass(frozen=True, kw_only=True)
class Made:
    """The children of the component that its outputs are taken from."""

    cluster: aws.eks.Cluster
    role: aws.iam.Role
    oidc: aws.iam.OpenIdConnectProvider | None
    provider: kubernetes.Provider
    issuer: pulumi.Output[str]
    kubeconfig: pulumi.Output[dict[str, Any]]
    subnet_ids: pulumi.Input[list[str]]
    encryption_config: Any


def outputs(made: Made, given: Mapping[str, Any]) -> dict[str, Any]:
    """All outputs of a cluster without node groups of its own."""
    group = made.cluster.vpc_config.cluster_security_group_id
    return {
        "kubeconfig": made.kubeconfig,
        "kubeconfigJson": as_json(made.kubeconfig),
        "eksCluster": made.cluster,
        "core": _core(made, given),
        "instanceRoles": [],
        "clusterSecurityGroupId": group,
        "nodeSecurityGroupId": group,
        "clusterIngressRuleId": "",
        "defaultNodeGroupAsgName": "",
        "fargateProfileId": "",
        "fargateProfileStatus": "",
        "autoModeNodeRoleName": "",
        "oidcProviderArn": made.oidc.arn if made.oidc else "",
        "oidcProviderUrl": made.issuer,
        "oidcIssuer": made.issuer.apply(lambda url: url.removeprefix("https://")),
    }


def _core(made: Made, given: Mapping[str, Any]) -> dict[str, Any]:
    core = {
        "cluster": made.cluster,
        "vpcId": given["vpcId"],
        "subnetIds": made.subnet_ids,
        "publicSubnetIds": given.get("publicSubnetIds"),
        "privateSubnetIds": given.get("privateSubnetIds"),
        "endpoint": made.cluster.endpoint,
        "kubeconfig": made.kubeconfig,
        "provider": made.provider,
        "clusterIamRole": made.role,
        "oidcProvider": made.oidc,
        "encryptionConfig": made.encryption_config,
        "accessEntries": list(given.get("accessEntries", {}).values()),
        "instanceRoles": [],
        "nodeGroupOptions": {"version": given["version"]} if "version" in given else {},
        "storageClasses": {},
        "tags": given.get("tags"),
        "autoModeNodeRoleName": "",
    }
    return {name: value for name, value in core.items() if value is not None}
