"""The kubeconfig of an EKS cluster, as pulumi-eks writes it: tokens by `aws eks get-token`."""

import os
from collections.abc import Mapping
from typing import Any

import pulumi

_API_VERSION = "client.authentication.k8s.io/v1beta1"


def kubeconfig(
    *, name: str, arn: str, endpoint: str, authority: str, role: str = "", profile: str = ""
) -> dict[str, Any]:
    """The kubeconfig as an object.

    Args:
        arn: the cluster's; its region goes to the token command.
        authority: the API server's CA, base64 of PEM.
        role, profile: whose rights the token command takes, if not those at hand.
    """
    region = arn.split(":")[3]
    arguments = ["--region", region, "eks", "get-token", "--cluster-name", name]
    arguments += ["--output", "json"]
    arguments += ["--role", role] if role else []
    arguments += ["--profile", profile] if profile else []
    command = {
        "apiVersion": _API_VERSION,
        "command": "aws",
        "args": arguments,
        "env": [{"name": "KUBERNETES_EXEC_INFO", "value": f'{{"apiVersion": "{_API_VERSION}"}}'}],
    }
    cluster = {"server": endpoint, "certificate-authority-data": authority}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "kubernetes", "cluster": cluster}],
        "contexts": [{"name": "aws", "context": {"cluster": "kubernetes", "user": "aws"}}],
        "current-context": "aws",
        "users": [{"name": "aws", "user": {"exec": command}}],
    }


def credentials(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """`role` and `profile` for `kubeconfig`, from providerCredentialOpts or what is ambient."""
    if given:
        return {"role": given.get("roleArn", ""), "profile": given.get("profileName", "")}
    profile = os.environ.get("AWS_PROFILE") or pulumi.Config("aws").get("profile") or ""
    return {"role": "", "profile": profile}
