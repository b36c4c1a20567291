"""The kubeconfig of an EKS cluster, as pulumi-eks writes it: tokens by `aws eks get-token`."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    import pulumi_aws as aws

_API_VERSION = "client.authentication.k8s.io/v1beta1"


def kubeconfig(
    *, name: str, arn: str, endpoint: str, authority: str, role: str = "", profile: str = ""
) -> dict[str, Any]:
    """The kubeconfig as an object.

    Args:
        arn: the cluster's; its region goes to the token command.
        authority: the API server's CA, base64 of PEM.
        role, profile: for the token command; without them it uses the ambient credentials.
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
        "clusters": [{"cluster": cluster, "name": "kubernetes"}],
        "contexts": [{"context": {"cluster": "kubernetes", "user": "aws"}, "name": "aws"}],
        "current-context": "aws",
        "kind": "Config",
        "users": [{"name": "aws", "user": {"exec": command}}],
    }


def kubeconfig_of(
    made: "aws.eks.Cluster", *, role: pulumi.Input[str], profile: pulumi.Input[str]
) -> pulumi.Output[dict[str, Any]]:
    """The kubeconfig of a cluster, as an output."""
    parts = pulumi.Output.all(
        name=made.name,
        arn=made.arn,
        endpoint=made.endpoint,
        authority=made.certificate_authority.data,
        role=role,
        profile=profile,
    )
    return parts.apply(lambda known: kubeconfig(**known))


def as_json(value: pulumi.Output[dict[str, Any]]) -> pulumi.Output[str]:
    """JSON in the format of JSON.stringify, which pulumi-eks uses."""
    return pulumi.Output.json_dumps(value, separators=(",", ":"), ensure_ascii=False)


def get_kubeconfig(arguments: Mapping[str, Any]) -> pulumi.Output[str]:
    """The method of the component: the kubeconfig for a role or profile, as JSON.

    Args:
        arguments: `__self__`, the cluster, and `roleArn` and `profileName`, if given.
    """
    role, profile = arguments.get("roleArn") or "", arguments.get("profileName") or ""
    found = pulumi.Output.from_input(arguments["__self__"]).apply(_eks_cluster)
    return as_json(found.apply(lambda made: kubeconfig_of(made, role=role, profile=profile)))


def _eks_cluster(itself: Any) -> Any:
    """The EKS cluster of a component.

    The component arrives as a URN if pulumi_eks was not imported when the arguments were read.
    """
    import pulumi_eks

    if isinstance(itself, str):
        itself = pulumi_eks.Cluster("cluster", opts=pulumi.ResourceOptions(urn=itself))
    return itself.eks_cluster


def credentials(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """`role` and `profile` for `kubeconfig`, from providerCredentialOpts or the environment."""
    if given:
        return {"role": given.get("roleArn", ""), "profile": given.get("profileName", "")}
    profile = os.environ.get("AWS_PROFILE") or pulumi.Config("aws").get("profile") or ""
    return {"role": "", "profile": profile}
