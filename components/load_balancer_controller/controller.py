"""The AWS Load Balancer Controller: turns Ingresses and Services into load balancers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes.helm.v3 import Release

from components.cluster import Cluster
from components.disruption import DISRUPTION_BUDGET, spread
from components.load_balancer_controller.policy import controller_policy
from components.load_balancer_controller.releases import ControllerRelease
from components.load_balancing import Scheme
from components.network import Network
from components.policies import pod_identity_trust, web_identity_trust

CredentialSource = Literal["irsa", "pod-identity"]
NAMESPACE = "kube-system"
SERVICE_ACCOUNT = "aws-load-balancer-controller"  # the role's trust policy names it
_CHART = "aws-load-balancer-controller"
# The labels that the chart gives the controller's pods.
_LABELS = {"app.kubernetes.io/name": _CHART, "app.kubernetes.io/instance": _CHART}
# With the limit of 128Mi that the chart's comments propose, the controller runs out of memory.
_RESOURCES = {
    "requests": {"cpu": "50m", "memory": "128Mi"},
    "limits": {"cpu": "500m", "memory": "256Mi"},
}


def check_credentials(credentials: CredentialSource, release: ControllerRelease) -> None:
    """Raises ValueError for credentials that a release cannot use."""
    if credentials == "pod-identity" and not release.supports_pod_identity:
        raise ValueError(
            f"must be irsa, as controller {release.version} does not support Pod Identity"
        )


@dataclass(frozen=True, kw_only=True)
class ControllerSpec:
    """`credentials` says how its pods get the role's credentials: through the cluster's OIDC issuer
    (irsa) or the agent on the node (pod-identity). `chart_repository` is a URL, or a folder with
    the unpacked chart. `image_repository` and `image_tag` replace the chart's when not empty. With
    `manages_web_acls` it associates web ACLs of AWS WAF with load balancers, and removes them."""

    release: ControllerRelease
    credentials: CredentialSource
    chart_repository: str
    image_repository: str = ""
    image_tag: str = ""
    manages_web_acls: bool = False

    def __post_init__(self) -> None:
        if self.credentials not in get_args(CredentialSource):
            choices = ", ".join(get_args(CredentialSource))
            raise ValueError(f"credentials is {self.credentials!r}: must be one of {choices}")
        check_credentials(self.credentials, self.release)


@dataclass(frozen=True, kw_only=True)
class LoadBalancerControllerArgs:
    """The controller, the cluster it runs in, and the network of its load balancers."""

    spec: ControllerSpec
    network: Network
    cluster: Cluster


class LoadBalancerController(pulumi.ComponentResource):
    """The controller, with the IAM policy of its own release."""

    # What must exist for a load balancer to be made, and to be deleted.
    ready: list[pulumi.Resource]
    release: ControllerRelease

    def __init__(
        self,
        name: str,
        args: LoadBalancerControllerArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("eks-service-types:index:LoadBalancerController", name, None, opts)
        role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=_trust(args),
            opts=pulumi.ResourceOptions(parent=self),
        )
        group = self._security_group(name, args)
        # For its pods, and for the traffic of its load balancers.
        prerequisites = [*args.cluster.ready, *args.network.connectivity]
        permissions = [
            self._grant(name, args.spec.release, role),
            *self._associate(name, args, role),
        ]
        helm_release = Release(
            f"{name}-release",
            name=_CHART,
            **_chart(args.spec.chart_repository, args.spec.release.chart_version),
            namespace=NAMESPACE,
            values=_values(args, role.arn, group.id),
            # A pod gets its credentials when it starts: the role's policy and, for Pod Identity,
            # the association must exist before.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*permissions, *prerequisites]),
        )
        self.release = args.spec.release
        self.ready = [helm_release, *permissions, *prerequisites]
        self._network = args.network
        self.register_outputs({"role_arn": role.arn})

    def subnets(self, scheme: Scheme) -> pulumi.Output[str]:
        """The ids of the subnets for load balancers of a scheme, as an annotation has them. Without
        it, the controller would also choose a subnet that is about to be deleted."""
        public = scheme == "internet-facing"
        ids = self._network.public_subnet_ids if public else self._network.private_subnet_ids
        return pulumi.Output.all(*ids).apply(",".join)

    def _security_group(self, name: str, args: LoadBalancerControllerArgs) -> aws.ec2.SecurityGroup:
        """The security group of the load balancers, from which nodes then accept connections.

        Without it the controller makes one. It does not delete that one if its pods have restarted,
        and then the VPC cannot be deleted.
        """
        return aws.ec2.SecurityGroup(
            f"{name}-security-group",
            vpc_id=args.network.vpc_id,
            description="Load balancers: nodes let its members in",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _grant(self, name: str, release: ControllerRelease, role: aws.iam.Role) -> pulumi.Resource:
        """Attach the policy of the controller's release to its role."""
        policy = aws.iam.Policy(
            f"{name}-policy",
            description=f"AWS Load Balancer Controller {release.version}",
            policy=json.dumps(controller_policy(release.policy_version)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return aws.iam.RolePolicyAttachment(
            f"{name}-rights",
            role=role.name,
            policy_arn=policy.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _associate(
        self, name: str, args: LoadBalancerControllerArgs, role: aws.iam.Role
    ) -> list[pulumi.Resource]:
        """For Pod Identity, tie the role to the service account; for IRSA its trust policy does."""
        if args.spec.credentials == "irsa":
            return []
        association = aws.eks.PodIdentityAssociation(
            f"{name}-association",
            cluster_name=args.cluster.name,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            role_arn=role.arn,
            # As early as possible: it takes effect seconds after it is made, and pods that start
            # before that never get credentials. Pulumi waits until it exists, not until it is in
            # effect; in a new stack the nodes, made at the same time, take minutes. docs/aws.md
            # says what to do when a running cluster changes to Pod Identity.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.cluster.control_plane]),
        )
        return [association]


def _chart(repository: str, version: str) -> dict[str, Any]:
    """The chart as a Release takes it: from a repository over HTTP or OCI, or from a folder."""
    if "://" not in repository:
        return {"chart": f"{repository}/{_CHART}-{version}", "version": version}
    if repository.startswith("oci://"):
        return {"chart": f"{repository}/{_CHART}", "version": version}
    return {"chart": _CHART, "version": version, "repository_opts": {"repo": repository}}


def _trust(args: LoadBalancerControllerArgs) -> pulumi.Input[str]:
    if args.spec.credentials == "pod-identity":
        return json.dumps(
            pod_identity_trust(
                cluster=args.cluster.name, namespace=NAMESPACE, service_account=SERVICE_ACCOUNT
            )
        )
    return pulumi.Output.all(args.cluster.oidc_provider_arn, args.cluster.oidc_issuer).apply(
        lambda known: json.dumps(
            web_identity_trust(
                provider_arn=known[0],
                issuer=known[1],
                namespace=NAMESPACE,
                service_account=SERVICE_ACCOUNT,
            )
        )
    )


def _values(
    args: LoadBalancerControllerArgs,
    role_arn: pulumi.Input[str],
    security_group_id: pulumi.Input[str],
) -> Mapping[str, pulumi.Input[Any]]:
    """The chart's values, with region and VPC: the controller's pods cannot read node metadata."""
    annotations = (
        {"eks.amazonaws.com/role-arn": role_arn} if args.spec.credentials == "irsa" else {}
    )
    image = {"repository": args.spec.image_repository, "tag": args.spec.image_tag}
    values: dict[str, pulumi.Input[Any]] = {
        "clusterName": args.cluster.name,
        "region": args.cluster.region,
        "vpcId": args.network.vpc_id,
        "backendSecurityGroup": security_group_id,
        "defaultTags": dict(args.cluster.tags),  # of the load balancers
        "replicaCount": 2,
        "podDisruptionBudget": DISRUPTION_BUDGET,
        "topologySpreadConstraints": spread(_LABELS),
        "serviceAccount": {"create": True, "name": SERVICE_ACCOUNT, "annotations": annotations},
        "resources": _RESOURCES,
        "keepTLSSecret": True,  # or an upgrade replaces the certificate that running pods use
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": args.spec.manages_web_acls,
        "image": {key: value for key, value in image.items() if value},
    }
    if args.spec.release.has_service_mutator_webhook:
        # The webhook would also take Services for which EKS makes a Classic Load Balancer.
        values["enableServiceMutatorWebhook"] = False
    return values
