"""The component `eks:index:Cluster`: an EKS cluster and what it needs to be used."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from localcloud.plugins.eks.inputs import check
from localcloud.plugins.eks.kubeconfig import credentials, kubeconfig
from localcloud.plugins.eks.outputs import outputs
from localcloud.plugins.eks.role import ServiceRole


class Cluster(pulumi.ComponentResource):
    """Children, their names and parents, and outputs as pulumi-eks 4.4 has them.

    Its thumbprint of the OIDC provider is missing: IAM finds that itself by now.
    """

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("eks:index:Cluster", name, dict(inputs), opts)
        check(inputs)
        self._name, self._inputs = name, inputs
        self._here = pulumi.ResourceOptions(parent=self)
        self.role = self._role()
        self.cluster = self._cluster()
        self.entries = [self._entry(*each) for each in inputs.get("accessEntries", {}).items()]
        self.oidc = self._oidc() if inputs.get("createOidcProvider") else None
        self.kubeconfig = self._kubeconfig(with_profile=False)
        self.provider = kubernetes.Provider(
            f"{name}-eks-k8s",
            kubeconfig=pulumi.Output.json_dumps(self._kubeconfig(with_profile=True)),
            opts=self._here,
        )
        self.state = outputs(self, inputs)
        self.register_outputs(self.state)

    def _role(self) -> ServiceRole:
        invoke = pulumi.InvokeOutputOptions(parent=self)
        return ServiceRole(
            f"{self._name}-eksRole",
            service="eks.amazonaws.com",
            description="Allows EKS to manage clusters on your behalf.",
            policies=["AmazonEKSClusterPolicy"],
            partition=aws.get_partition_output(opts=invoke).partition,
            tags=self._inputs.get("tags"),
            opts=self._here,
        )

    def _cluster(self) -> aws.eks.Cluster:
        given = self._inputs
        optional: dict[str, Any] = {
            "name": given.get("name"),
            "version": given.get("version"),
            "enabled_cluster_log_types": given.get("enabledClusterLogTypes"),
            "upgrade_policy": given.get("upgradePolicy"),
            "deletion_protection": given.get("deletionProtection"),
        }
        key, services = given.get("encryptionConfigKeyArn"), self._services()
        if key is not None:
            provider = {"keyArn": key}
            optional["encryption_config"] = {"provider": provider, "resources": ["secrets"]}
        if services is not None:
            optional["kubernetes_network_config"] = services
        # Objects keep the names that came over the wire, so the SDK's dict types do not fit them.
        access: Any = {
            "authenticationMode": given["authenticationMode"],
            "bootstrapClusterCreatorAdminPermissions": True,
        }
        ignored = [
            # Both matter only to the creation.
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
            "bootstrapSelfManagedAddons",
        ]
        return aws.eks.Cluster(
            f"{self._name}-eksCluster",
            role_arn=self.role.role.arn,
            bootstrap_self_managed_addons=given.get("bootstrapSelfManagedAddons", True),
            vpc_config=self._vpc_config(),
            access_config=access,
            tags=self._tags(),
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=ignored,
                depends_on=[self.role.role, *self.role.rights],
            ),
            **optional,
        )

    def _services(self) -> Any:
        given = self._inputs.get("kubernetesServiceIpAddressRange")
        return None if given is None else {"serviceIpv4Cidr": given, "ipFamily": "ipv4"}

    @property
    def subnet_ids(self) -> pulumi.Input[list[str]]:
        """The subnets of the control plane's interfaces."""
        given = self._inputs
        if given.get("subnetIds"):
            return given["subnetIds"]  # type: ignore[no-any-return]  # inputs have no types
        both = pulumi.Output.all(
            given.get("publicSubnetIds") or [], given.get("privateSubnetIds") or []
        )
        return both.apply(lambda lists: [*lists[0], *lists[1]])

    def _vpc_config(self) -> Any:
        names = ("endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs")
        endpoint = {name: self._inputs.get(name) for name in names}
        return {"subnetIds": self.subnet_ids, **endpoint}

    def _tags(self) -> pulumi.Output[dict[str, str]]:
        own = {"Name": f"{self._name}-eksCluster"}
        given = (self._inputs.get("clusterTags") or {}, self._inputs.get("tags") or {})
        return pulumi.Output.all(*given).apply(lambda tags: {**own, **tags[0], **tags[1]})

    def _entry(self, key: str, entry: Mapping[str, Any]) -> aws.eks.AccessEntry:
        """An access entry and its policies: who may do what in the cluster."""
        made = aws.eks.AccessEntry(
            f"{self._name}-{key}",
            cluster_name=self.cluster.name,
            principal_arn=entry["principalArn"],
            kubernetes_groups=entry.get("kubernetesGroups"),
            user_name=entry.get("username"),
            type=entry.get("type"),
            tags=entry.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.cluster]),
        )
        for name, association in (entry.get("accessPolicies") or {}).items():
            aws.eks.AccessPolicyAssociation(
                f"{self._name}-{key}-{name}",
                cluster_name=self.cluster.name,
                principal_arn=entry["principalArn"],
                policy_arn=association["policyArn"],
                access_scope=association["accessScope"],
                opts=pulumi.ResourceOptions(parent=made, depends_on=[made]),
            )
        return made

    @property
    def issuer(self) -> pulumi.Output[str]:
        """The URL of the cluster's OpenID Connect issuer."""
        return self.cluster.identities[0].oidcs[0].issuer.apply(str)

    def _oidc(self) -> aws.iam.OpenIdConnectProvider:
        return aws.iam.OpenIdConnectProvider(
            f"{self._name}-oidcProvider",
            url=self.issuer,
            client_id_lists=["sts.amazonaws.com"],
            opts=self._here,
        )

    def _kubeconfig(self, *, with_profile: bool) -> pulumi.Output[dict[str, Any]]:
        """With the profile it is for this program's provider, without for the program's users."""
        made = self.cluster
        given = pulumi.Output.from_input(self._inputs.get("providerCredentialOpts"))
        found = given.apply(credentials)
        parts = pulumi.Output.all(
            found, made.name, made.arn, made.endpoint, made.certificate_authority.data
        )

        def build(values: list[Any]) -> dict[str, Any]:
            rights, name, arn, endpoint, authority = values
            profile = rights["profile"] if with_profile else ""
            return kubeconfig(
                name=name,
                arn=arn,
                endpoint=endpoint,
                authority=authority,
                role=rights["role"],
                profile=profile,
            )

        return parts.apply(build)
