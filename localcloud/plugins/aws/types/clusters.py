"""EKS clusters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.eks import endpoint, offered
from localcloud.plugins.aws.difference import differences, top
from localcloud.plugins.aws.kinds import Kind, Many, Naming, flag, text
from localcloud.plugins.aws.properties import Block, Prop
from localcloud.plugins.aws.rules import arn, cidr, matching, one_of
from localcloud.plugins.aws.table import (
    Autoname,
    Call,
    Resource,
    ResourceType,
    Step,
    Timeouts,
    Until,
    Update,
    lower_camel,
)
from localcloud.plugins.aws.types.eks import tagging, until_done


@dataclass(frozen=True)
class _LogTypes(Many):
    """The enabled log types; the API lists the disabled ones too."""

    of: Kind = field(default_factory=lambda: text(one_of(*offered.LOG_TYPES)))

    def to_aws(self, value: Any, name: Naming) -> Any:
        off = [each for each in offered.LOG_TYPES if each not in value]
        groups = [{"types": value, "enabled": True}, {"types": off, "enabled": False}]
        return {"clusterLogging": [each for each in groups if each["types"]]}

    def from_aws(self, value: Any, name: Naming) -> Any:
        groups = [each for each in value["clusterLogging"] if each["enabled"]]
        return [each for group in groups for each in group["types"]]


@dataclass(frozen=True)
class _OneOfList(Block):
    """An object in the program that is a list of one item in the API."""

    def to_aws(self, value: Any, name: Naming) -> Any:
        return [super().to_aws(value, name)]

    def from_aws(self, value: Any, name: Naming) -> Any:
        return super().from_aws(value[0], name) if value else None


_VPC = Block(
    fields={
        "subnetIds": Prop(Many(), required=True),
        "securityGroupIds": Prop(Many()),
        "endpointPrivateAccess": Prop(flag(), default=False),
        "endpointPublicAccess": Prop(flag(), default=True),
        "publicAccessCidrs": Prop(Many(of=text(cidr)), computed=True),
    },
    outputs={"clusterSecurityGroupId": "clusterSecurityGroupId", "vpcId": "vpcId"},
)
_ACCESS = Block(
    fields={
        "authenticationMode": Prop(
            text(one_of("CONFIG_MAP", "API", "API_AND_CONFIG_MAP")), computed=True
        ),
        "bootstrapClusterCreatorAdminPermissions": Prop(flag(), replace=True, computed=True),
    }
)
_ENCRYPTION = _OneOfList(
    fields={
        "provider": Prop(Block(fields={"keyArn": Prop(text(arn), required=True)}), required=True),
        "resources": Prop(Many(of=text(one_of("secrets"))), required=True),
    }
)
_KUBERNETES_NETWORK = Block(
    fields={
        "serviceIpv4Cidr": Prop(text(cidr), replace=True, computed=True),
        "ipFamily": Prop(text(one_of("ipv4", "ipv6")), replace=True, computed=True),
    }
)

_READ = Call("describe_cluster", lambda r: {"name": r.id}, "cluster")


def _update_vpc(*fields: str) -> Step:
    """Update some fields of the VPC configuration; UpdateClusterConfig takes one kind per call."""

    def args(resource: Resource) -> dict[str, Any]:
        config = resource.aws("vpcConfig")["resourcesVpcConfig"]
        wanted = {name: config[name] for name in fields if name in config}
        return {"name": resource.id, "resourcesVpcConfig": wanted}

    change = until_done(Call("update_cluster_config", args, "update"))

    def step(resource: Resource) -> None:
        found = differences(_VPC.fields, resource.old.get("vpcConfig") or {}, resource["vpcConfig"])
        if {top(path) for path in found} & set(fields):
            change(resource)

    return step


def _update_config(name: str) -> Update:
    def args(resource: Resource) -> dict[str, Any]:
        return {"name": resource.id, **resource.aws(name)}

    return Update((name,), (until_done(Call("update_cluster_config", args, "update")),))


def _offered(arguments: Mapping[str, Any]) -> None:
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
            text(matching(r"[0-9A-Za-z][\w-]{0,99}", "up to 100 letters, digits, - and _")),
            replace=True,
        ),
        "roleArn": Prop(text(arn), required=True, replace=True),
        "version": Prop(computed=True),
        "vpcConfig": Prop(_VPC, required=True, aws="resourcesVpcConfig"),
        "accessConfig": Prop(_ACCESS, computed=True),
        "bootstrapSelfManagedAddons": Prop(flag(), default=True, replace=True, read=None),
        "deletionProtection": Prop(flag(), computed=True),
        "enabledClusterLogTypes": Prop(_LogTypes(), aws="logging"),
        "encryptionConfig": Prop(_ENCRYPTION, replace=True),
        "kubernetesNetworkConfig": Prop(_KUBERNETES_NETWORK, computed=True),
        "upgradePolicy": Prop(
            Block(
                fields={"supportType": Prop(text(one_of("STANDARD", "EXTENDED")), computed=True)}
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
    offered=_offered,
    create=Call(
        "create_cluster",
        lambda r: {
            **r.aws(*r.type.properties),
            **r.tagging(),
            "clientRequestToken": r.token,
        },
        "cluster",
    ),
    id="name",
    early=(("InvalidParameterException", "could not be assumed"),),
    read=_READ,
    updates=(
        Update(
            ("version",),
            (
                until_done(
                    Call(
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
    delete=Call("delete_cluster", lambda r: {"name": r.id}),
    missing=("ResourceNotFoundException",),
    busy=("ResourceInUseException",),
    ready=Until("status", frozenset({"ACTIVE"}), frozenset({"FAILED"}), "health.issues[0].message"),
    deleted=Until("status", frozenset(), frozenset({"FAILED"}), "health.issues[0].message"),
    tagging=tagging("arn", _READ),
    timeouts=Timeouts(1800, 3600, 900),
)

TYPES = (CLUSTER,)
