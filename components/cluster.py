"""The EKS cluster: control plane, key, logs, add-ons, nodes, and the Kubernetes provider for it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as kubernetes

from components import api_tunnel
from components.control_plane_logs import ControlPlaneLogs, find_logs
from components.network import Network
from components.node_group import NodeGroup, NodeGroupArgs, NodeSpec
from components.policies import key_policy

# DaemonSets: they can be installed before there are nodes, and nodes need vpc-cni and kube-proxy to
# become Ready.
_ADDONS_BEFORE_NODES = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
_ADDONS_ON_NODES = ("coredns",)
_MONITORING = "eks-node-monitoring-agent"  # tells EKS which nodes to repair
# EKS does not let the control plane's zones change; further zones are for nodes and load balancers.
_CONTROL_PLANE_ZONES = 2
# Tags of the cluster: the ARN of its creator; that AWS WAF has been on.
CREATED_BY, WAF_USED = "created-by", "waf-used"


@dataclass(frozen=True, kw_only=True)
class AccessEntry:
    """What an IAM role or user may do in the cluster: an EKS access policy, by name, in some
    namespaces or, with none named, in the whole cluster."""

    name: str
    principal_arn: str
    policy: str
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A profile and the ARN of a role to assume, for kubectl as for Pulumi; "" for none."""

    profile: str = ""
    role_arn: str = ""


@dataclass(frozen=True, kw_only=True)
class ClusterSpec:
    """`name` is the cluster's physical name: subnets have it in a tag before the cluster exists.

    From outside the VPC only `public_access_cidrs` reach the API; if empty, nothing does. Inside
    the VPC, `private_access_sources` reach it: IPv4 blocks and ids of security groups. Without
    public access the kubeconfig leads through `tunnel`, if there is one. `exists` is whether the
    cluster exists already. From `own_tags`, which only the cluster has, later runs read who created
    it and whether AWS WAF was used, even if this run fails. `oidc_provider` lets IAM trust its
    service accounts (IRSA). EKS does not delete a `protected` cluster.
    """

    name: str
    region: str
    kubernetes_version: str
    public_access_cidrs: tuple[str, ...]
    private_access_sources: tuple[str, ...]
    tunnel: api_tunnel.ApiTunnel
    credentials: Credentials
    exists: bool
    own_tags: Mapping[str, str]
    access_entries: tuple[AccessEntry, ...]
    log_types: tuple[str, ...]
    log_retention_days: int
    oidc_provider: bool
    protected: bool
    nodes: NodeSpec
    tags: Mapping[str, str]  # of what EKS and the controller make for the cluster


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The cluster and its network: the control plane is in the public and private subnets of the
    first two zones, the nodes in all private ones."""

    spec: ClusterSpec
    network: Network


class Cluster(pulumi.ComponentResource):
    """A cluster in authentication mode API that never enters extended support."""

    name: str
    region: str
    tags: Mapping[str, str]
    kubeconfig: pulumi.Output[str]  # secret JSON; tokens by `aws eks get-token`
    security_group_id: pulumi.Output[str]  # the cluster security group, which EKS creates
    oidc_provider_arn: pulumi.Output[str]  # "" without `oidc_provider`
    oidc_issuer: pulumi.Output[str]  # without https://
    provider: kubernetes.Provider
    control_plane: eks.Cluster
    # What must exist for pods to run: nodes, networking, DNS, credentials for pods. To these,
    # __main__.py adds the bastion.
    ready: list[pulumi.Resource]

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("eks-service-types:index:Cluster", name, None, opts)
        self.name, self.region, self.tags = args.spec.name, args.spec.region, args.spec.tags
        logs = find_logs(self.name, new=not args.spec.exists)
        key = self._key(name, logs, kept=logs.exists or bool(args.spec.log_types))
        log_groups = [self._log_group(name, args.spec, logs, key)] if args.spec.log_types else []
        self.control_plane = control_plane = self._control_plane(
            name, args.spec, args.network, key, log_groups
        )
        direct: pulumi.Output[str] = pulumi.Output.secret(
            _kubeconfig(control_plane, args.spec.credentials)
        )
        self._tunnel = args.spec.tunnel
        self._endpoint_host = pulumi.Output.unsecret(direct.apply(api_tunnel.endpoint_host))
        private = not args.spec.public_access_cidrs
        self.kubeconfig = direct.apply(
            lambda config: (
                api_tunnel.kubeconfig_through_tunnel(config, self._tunnel) if private else config
            )
        )
        self.security_group_id = control_plane.cluster_security_group_id
        self.oidc_provider_arn = control_plane.oidc_provider_arn
        self.oidc_issuer = control_plane.oidc_issuer
        daemons = self._addons(name, args.spec, _ADDONS_BEFORE_NODES, [control_plane])
        nodes = self._nodes(name, args, [control_plane, *daemons, *args.network.connectivity])
        addons = (*_ADDONS_ON_NODES, *([_MONITORING] if args.spec.nodes.repair else []))
        on_nodes = self._addons(name, args.spec, addons, [nodes.resource])
        self.ready = [*daemons, nodes.resource, *on_nodes]
        self.provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=self.kubeconfig,
            # Each cluster has its own issuer, so that Kubernetes objects are replaced when it is
            # replaced, and not when only the kubeconfig changes.
            cluster_identifier=self.oidc_issuer,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=self._allow_sources(name, args.spec)
            ),
        )
        self.register_outputs({"name": self.name, "kubeconfig": self.kubeconfig})

    def api_tunnel_command(self, instance_id: pulumi.Input[str]) -> pulumi.Output[str]:
        """The command that opens the tunnel through an instance; empty if there is none."""
        return pulumi.Output.all(instance_id, self._endpoint_host).apply(
            lambda known: api_tunnel.tunnel_command(
                self._tunnel, instance_id=known[0], region=self.region, host=known[1]
            )
        )

    def _allow_sources(self, name: str, spec: ClusterSpec) -> list[pulumi.Resource]:
        """Let `private_access_sources` into the cluster security group, and so to the API."""
        return [
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-api-from-{source.replace('/', '-')}",
                security_group_id=self.security_group_id,
                description="Kubernetes API",
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                cidr_ipv4=source if "/" in source else None,
                referenced_security_group_id=None if "/" in source else source,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for source in spec.private_access_sources
        ]

    def _key(self, name: str, logs: ControlPlaneLogs, *, kept: bool) -> aws.kms.Key:
        """The customer managed key of Kubernetes secrets and control plane logs.

        If `kept`, `pulumi destroy` leaves it, as it does the logs, which are encrypted with it.
        """
        account_id = aws.get_caller_identity_output(
            opts=pulumi.InvokeOutputOptions(parent=self)
        ).account_id
        return aws.kms.Key(
            f"{name}-key",
            description="Kubernetes secrets and control plane logs",
            enable_key_rotation=True,
            policy=account_id.apply(
                lambda account: json.dumps(
                    key_policy(account_id=account, region=self.region, log_group=logs.name)
                )
            ),
            opts=logs.key_options(self) if kept else pulumi.ResourceOptions(parent=self),
        )

    def _log_group(
        self, name: str, spec: ClusterSpec, logs: ControlPlaneLogs, key: aws.kms.Key
    ) -> aws.cloudwatch.LogGroup:
        """EKS would create the log group itself, but without a key and a retention."""
        return aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=logs.name,
            retention_in_days=spec.log_retention_days,
            kms_key_id=key.arn,
            opts=logs.group_options(self),
        )

    def _control_plane(
        self,
        name: str,
        spec: ClusterSpec,
        network: Network,
        key: aws.kms.Key,
        after: Sequence[pulumi.Resource],
    ) -> eks.Cluster:
        public = bool(spec.public_access_cidrs)
        return eks.Cluster(
            f"{name}-control-plane",
            name=self.name,
            version=spec.kubernetes_version,
            upgrade_policy={"support_type": "STANDARD"},  # extended support costs six times as much
            authentication_mode=eks.AuthenticationMode.API,
            cluster_tags=spec.own_tags or None,
            access_entries={entry.name: _access_entry(entry) for entry in spec.access_entries},
            vpc_id=network.vpc_id,
            public_subnet_ids=network.public_subnet_ids[:_CONTROL_PLANE_ZONES],
            private_subnet_ids=network.private_subnet_ids[:_CONTROL_PLANE_ZONES],
            endpoint_private_access=True,
            endpoint_public_access=public,
            public_access_cidrs=spec.public_access_cidrs if public else None,
            enabled_cluster_log_types=spec.log_types or None,
            encryption_config_key_arn=key.arn,
            create_oidc_provider=spec.oidc_provider,
            deletion_protection=spec.protected,
            # pulumi-eks makes no nodes, add-ons or security groups: this component or EKS does.
            skip_default_node_group=True,
            skip_default_security_groups=True,
            bootstrap_self_managed_addons=False,
            use_default_vpc_cni=True,  # the name misleads: it means "no vpc-cni by pulumi-eks"
            kube_proxy_addon_options={"enabled": False},
            coredns_addon_options={"enabled": False},
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _addons(
        self,
        name: str,
        spec: ClusterSpec,
        addons: Sequence[str],
        after: Sequence[pulumi.Resource],
    ) -> list[aws.eks.Addon]:
        """EKS add-ons, each in EKS's default version for the cluster's Kubernetes version."""
        return [
            aws.eks.Addon(
                f"{name}-{addon}",
                cluster_name=self.name,
                addon_name=addon,
                addon_version=aws.eks.get_addon_version_output(
                    addon_name=addon,
                    kubernetes_version=spec.kubernetes_version,
                    opts=pulumi.InvokeOutputOptions(parent=self),
                ).version,
                resolve_conflicts_on_update="OVERWRITE",  # only this program changes them
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
            )
            for addon in addons
        ]

    def _nodes(self, name: str, args: ClusterArgs, after: Sequence[pulumi.Resource]) -> NodeGroup:
        return NodeGroup(
            f"{name}-nodes",
            NodeGroupArgs(
                spec=args.spec.nodes,
                cluster_name=self.name,
                tags=args.spec.tags,
                kubernetes_version=args.spec.kubernetes_version,
                subnet_ids=args.network.private_subnet_ids,
                after=after,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _kubeconfig(control_plane: eks.Cluster, credentials: Credentials) -> pulumi.Output[str]:
    """The kubeconfig as JSON. `kubeconfig_json` of pulumi-eks has no profile and no role."""
    if credentials == Credentials():
        return control_plane.kubeconfig_json
    return control_plane.get_kubeconfig(
        profile_name=credentials.profile or None, role_arn=credentials.role_arn or None
    )


def _access_entry(entry: AccessEntry) -> eks.AccessEntryArgs:
    scope = aws.eks.AccessPolicyAssociationAccessScopeArgs(
        type="namespace" if entry.namespaces else "cluster",
        namespaces=list(entry.namespaces) or None,
    )
    policy_arn = f"arn:aws:eks::aws:cluster-access-policy/{entry.policy}"
    return eks.AccessEntryArgs(
        principal_arn=entry.principal_arn,
        access_policies={
            "policy": eks.AccessPolicyAssociationArgs(policy_arn=policy_arn, access_scope=scope)
        },
    )
