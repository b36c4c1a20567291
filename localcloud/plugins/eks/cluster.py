"""The component `eks:index:Cluster`."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from localcloud.plugins.eks.inputs import check, public_access_cidrs
from localcloud.plugins.eks.kubeconfig import as_json, credentials, kubeconfig_of
from localcloud.plugins.eks.outputs import Made, outputs
from localcloud.plugins.eks.role import ServiceRole


class Cluster(pulumi.ComponentResource):
    """An EKS cluster with the children, their names and parents, and outputs of pulumi-eks 4.4.

    The OIDC provider has no thumbprint, which the official component takes from the certificate of
    oidc.eks.<region>.amazonaws.com: this machine cannot resolve that name. ThumbprintList of
    CreateOpenIDConnectProvider is optional.
    """

    def __init__(
        self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("eks:index:Cluster", name, dict(inputs), opts)
        check(inputs)
        self._name = name
        self._inputs = {key: value for key, value in inputs.items() if value is not None}
        self._child_options = pulumi.ResourceOptions(parent=self)
        self.role = self._role()
        self.cluster = self._cluster()
        for key, entry in self._inputs.get("accessEntries", {}).items():
            self._entry(key, entry)
        made = Made(
            cluster=self.cluster,
            role=self.role.role,
            oidc=self._oidc() if inputs.get("createOidcProvider") else None,
            provider=self._kubernetes_provider(),
            issuer=self.issuer,
            kubeconfig=self._kubeconfig(with_profile=False),
            subnet_ids=self.subnet_ids,
            encryption_config=self.encryption_config,
        )
        self.state = outputs(made, self._inputs)
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
            opts=self._child_options,
        )

    def _cluster(self) -> aws.eks.Cluster:
        given = self._inputs
        optional: dict[str, Any] = {
            "name": given.get("name"),
            "version": given.get("version"),
            "enabled_cluster_log_types": given.get("enabledClusterLogTypes"),
            "upgrade_policy": given.get("upgradePolicy"),
            "deletion_protection": given.get("deletionProtection"),
            "encryption_config": self.encryption_config,
            "kubernetes_network_config": self._network_config(),
        }
        # The keys are as on the wire, unlike those of the SDK's dict types.
        access: Any = {
            "authenticationMode": given["authenticationMode"],
            "bootstrapClusterCreatorAdminPermissions": True,
        }
        ignored = [
            # Both take effect at the creation only.
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
                depends_on=[self.role.role, *self.role.attachments],
            ),
            **optional,
        )

    @property
    def encryption_config(self) -> Any:
        """The encryption of secrets, with the keys as on the wire; None without a KMS key."""
        key = self._inputs.get("encryptionConfigKeyArn", "")
        return {"provider": {"keyArn": key}, "resources": ["secrets"]} if key != "" else None

    def _network_config(self) -> Any:
        given = self._inputs
        if not {"kubernetesServiceIpAddressRange", "ipFamily"} & given.keys():
            return None
        cidr = given.get("kubernetesServiceIpAddressRange")
        services = {} if cidr is None else {"serviceIpv4Cidr": cidr}
        return {**services, "ipFamily": given.get("ipFamily", "ipv4")}

    @property
    def subnet_ids(self) -> pulumi.Input[list[str]]:
        """The subnets of the control plane."""
        given = self._inputs
        if "subnetIds" in given:
            return given["subnetIds"]  # type: ignore[no-any-return]  # inputs have no types
        both = pulumi.Output.all(
            given.get("publicSubnetIds") or [], given.get("privateSubnetIds") or []
        )
        return both.apply(lambda lists: [*lists[0], *lists[1]])

    def _vpc_config(self) -> Any:
        # Absent inputs stay absent: null would be a change.
        names = ("endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs")
        given = {name: self._inputs[name] for name in names if name in self._inputs}
        if "publicAccessCidrs" in given:
            # `check` cannot compare them while one is unknown.
            both = (given["publicAccessCidrs"], given.get("endpointPublicAccess"))
            cidrs = pulumi.Output.all(*both).apply(lambda known: public_access_cidrs(*known))
            given["publicAccessCidrs"] = cidrs
        return {"subnetIds": self.subnet_ids, **given}

    def _tags(self) -> pulumi.Output[dict[str, str]]:
        own = {"Name": f"{self._name}-eksCluster"}
        given = (self._inputs.get("clusterTags") or {}, self._inputs.get("tags") or {})
        return pulumi.Output.all(*given).apply(lambda tags: {**own, **tags[0], **tags[1]})

    def _entry(self, key: str, entry: Mapping[str, Any]) -> None:
        """An access entry and the associations of its policies."""
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

    @property
    def issuer(self) -> pulumi.Output[str]:
        """The URL of the cluster's OpenID Connect issuer."""
        return self.cluster.identities[0].oidcs[0].issuer.apply(str)

    def _oidc(self) -> aws.iam.OpenIdConnectProvider:
        return aws.iam.OpenIdConnectProvider(
            f"{self._name}-oidcProvider",
            url=self.issuer,
            client_id_lists=["sts.amazonaws.com"],
            opts=self._child_options,
        )

    def _kubernetes_provider(self) -> kubernetes.Provider:
        return kubernetes.Provider(
            f"{self._name}-eks-k8s",
            kubeconfig=as_json(self._kubeconfig(with_profile=True)),
            enable_config_map_mutable=self._inputs.get("enableConfigMapMutable"),
            opts=self._child_options,
        )

    def _kubeconfig(self, *, with_profile: bool) -> pulumi.Output[dict[str, Any]]:
        """The provider's kubeconfig names the AWS profile; the output's does not, since other users
        may not have that profile."""
        given = pulumi.Output.from_input(self._inputs.get("providerCredentialOpts"))
        options = given.apply(credentials)
        profile = options["profile"] if with_profile else ""
        return kubeconfig_of(self.cluster, role=options["role"], profile=profile)
