"""EKS clusters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.eks import endpoint, offered
from localcloud.plugins.aws.input_changes import differences, top
from localcloud.plugins.aws.kinds import Array, Kind, Naming, boolean, string
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Autoname,
    Resource,
    ResourceType,
    Step,
    Timeouts,
    Until,
    Update,
    lower_camel,
)
from localcloud.plugins.aws.rules import arn, cidr, matching, one_of
from localcloud.plugins.aws.types.eks_shared import tagging, until_done


@dataclass(frozen=True)
class _LogTypes(Array):
    """The enabled log types; the API lists the disabled ones too."""

    of: Kind = field(default_factory=lambda: string(one_of(*offered.LOG_TYPES)))

    def to_aws(self, value: Any, name: Naming) -> Any:
        off = [each for each in offered.LOG_TYPES if each not in value]
        groups = [{"types": value, "enabled": True}, {"types": off, "enabled": False}]
        return {"clusterLogging": [each for each in groups if each["types"]]}

    def from_aws(self, value: Any, name: Naming) -> Any:
        groups = [each for each in value["clusterLogging"] if each["enabled"]]
        return [each for group in groups for each in group["types"]]


@dataclass(frozen=True)
class _SingleItemList(Block):
    """An object in the program that is a list of one item in the API."""

    def to_aws(self, value: Any, name: Naming) -> Any:
        return [super().to_aws(value, name)]

    def from_aws(self, value: Any, name: Naming) -> Any:
        return super().from_aws(value[0], name) if value else None


_VPC = Block(
    fields={
        "subnetIds": Prop(Array(), required=True),
        "securityGroupIds": Prop(Array()),
        "endpointPrivateAccess": Prop(boolean(), default=False),
        "endpointPublicAccess": Prop(boolean(), default=True),
        "publicAccessCidrs": Prop(Array(of=string(cidr)), computed=True),
    },
    outputs={"clusterSecurityGroupId": "clusterSecurityGroupId", "vpcId": "vpcId"},
)
_ACCESS = Block(
    fields={
        "authenticationMode": Prop(
            string(one_of("CONFIG_MAP", "API", "API_AND_CONFIG_MAP")), computed=True
        ),
        "bootstrapClusterCreatorAdminPermissions": Prop(boolean(), replace=True, computed=True),
    }
)
_ENCRYPTION = _SingleItemList(
    fields={
        "provider": Prop(Block(fields={"keyArn": Prop(string(arn), required=True)}), required=True),
        "resources": Prop(Array(of=string(one_of("secrets"))), required=True),
    }
)
_KUBERNETES_NETWORK = Block(
    fields={
        "serviceIpv4Cidr": Prop(string(cidr), replace=True, computed=True),
        "ipFamily": Prop(string(one_of("ipv4", "ipv6")), replace=True, computed=True),
    }
)

_READ = ApiCall("describe_cluster", lambda r: {"name": r.id}, "cluster")


def _update_vpc(*fields: str) -> Step:
    """Update some fields of the VPC configuration; UpdateClusterConfig takes one kind per call."""

    def args(resource: Resource) -> dict[str, Any]:
        config = resource.arguments("vpcConfig")["resourcesVpcConfig"]
        wanted = {name: config[name] for name in fields if name in config}
        return {"name": resource.id, "resourcesVpcConfig": wanted}

    change = until_done(ApiCall("update_cluster_config", args, "update"))

    def step(resource: Resource) -> None:
        found = differences(_VPC.fields, resource.old.get("vpcConfig") or {}, resource["vpcConfig"])
        if {top(path) for path in found} & set(fields):
            change(resource)

    return step


def _update_config(name: str) -> Update:
    def args(resource: Resource) -> dict[str, Any]:
        return {"name": resource.id, **resource.arguments(name)}

    return Update((name,), (until_done(ApiCall("update_cluster_config", args, "update")),))


def _check_offered(arguments: Mapping[str, Any]) -> None:
    offered.check_version(arguments.get("version"))
    offered.check_cluster(arguments)
    endpoint.public_cidrs(
        True, (arguments.get("resourcesVpcConfig") or {}).get("publicAccessCidrs")
    )


CLUSTER = ResourceType(
    token="aws:eks/cluster:Cluster",
    service="eks",
    names=lower_camel,
    properties={
        "name": Prop(
            string(matching(r"[0-9A-Za-z][\w-]{0,99}", "up to 100 letters, digits, - and _")),
            replace=True,
        ),
        "roleArn": Prop(string(arn), required=True, replace=True),
        "version": Prop(computed=True),
        "vpcConfig": Prop(_VPC, required=True, aws="resourcesVpcConfig"),
        "accessConfig": Prop(_ACCESS, computed=True),
        "bootstrapSelfManagedAddons": Prop(boolean(), default=True, replace=True, read=None),
        "deletionProtection": Prop(boolean(), computed=True),
        "enabledClusterLogTypes": Prop(_LogTypes(), aws="logging"),
        "encryptionConfig": Prop(_ENCRYPTION, replace=True),
        "kubernetesNetworkConfig": Prop(_KUBERNETES_NETWORK, computed=True),
        "upgradePolicy": Prop(
            Block(
                fields={"supportType": Prop(string(one_of("STANDARD", "EXTENDED")), computed=True)}
            ),
            computed=True,
        ),
    },
    outputs={
        "arn": "arn",
        "certificateAuthority": "certificateAuthority",
        "clusterId": "id",
        "createdAt": lambda r, a: a["createdAt"].isoformat(),
        "endpoint": "endpoint",
        "identities": "[{oidcs: [{issuer: identity.oidc.issuer}]}]",
        "platformVersion": "platformVersion",
        "status": "status",
    },
    autoname=Autoname(limit=100),
    check_offered=_check_offered,
    create=ApiCall("create_cluster", lambda r: r.creation(*r.type.properties), "cluster"),
    id="name",
    retry_create=(("InvalidParameterException", "could not be assumed"),),
    read=_READ,
    updates=(
        Update(
            ("version",),
            (
                until_done(
                    ApiCall(
                        "update_cluster_version",
                        lambda r: {"name": r.id, "version": r["version"]},
                        "update",
                    )
                ),
            ),
            volatile=("platformVersion",),
        ),
        Update(
            ("vpcConfig",),
            (
                _update_vpc("endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs"),
                _update_vpc("subnetIds", "securityGroupIds"),
            ),
        ),
        _update_config("accessConfig"),
        _update_config("deletionProtection"),
        _update_config("enabledClusterLogTypes"),
        _update_config("upgradePolicy"),
    ),
    delete=ApiCall("delete_cluster", lambda r: {"name": r.id}),
    missing=("ResourceNotFoundException",),
    busy=("ResourceInUseException",),
    ready=Until("status", frozenset({"ACTIVE"}), frozenset({"FAILED"}), "health.issues[0].message"),
    deleted=Until("status", frozenset(), frozenset({"FAILED"}), "health.issues[0].message"),
    tagging=tagging("arn", _READ),
    timeouts=Timeouts(1800, 3600, 900),
)

TYPES = (CLUSTER,)
