"""Frozen snapshots of the EKS records, which the Kubernetes reconciler reads."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A running instance of a node group; `dns_name` is its node's name, `pod_prefix` the CIDR of
    its pods, `version` its Kubernetes version, `image` the id of its AMI, `template` the id and
    version of its launch template. `cordoned`: it takes no more pods; `outdated`: a version update
    is going to replace it."""

    instance_id: str
    dns_name: str
    private_ip: str
    zone: str
    pod_prefix: str
    version: str
    image: str
    template: tuple[str, str] | None = None
    cordoned: bool = False
    outdated: bool = False


@dataclass(frozen=True)
class Taint:
    """`effect` as the EKS API spells it: NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True)
class Nodegroup:
    """`capacity_type` is "ON_DEMAND"; `leaving` are nodes that are drained and then terminated,
    because the desired size was reduced or they are replaced; `must_drain`: a node that cannot be
    drained stays."""

    name: str
    status: str
    capacity_type: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    nodes: tuple[Node, ...]
    leaving: tuple[Node, ...] = ()
    must_drain: bool = False


@dataclass(frozen=True)
class Addon:
    """`configuration` is the text of configurationValues, "" for none; `overwrites`: changes that
    others made to its objects are overwritten, and are not an error."""

    name: str
    version: str
    status: str
    configuration: str
    overwrites: bool = False


@dataclass(frozen=True)
class AccessPolicy:
    """An associated access policy; `namespaces` empty means the whole cluster."""

    name: str
    namespaces: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """The Kubernetes groups of the principal, to which RBAC binds the policy's rights."""
        if not self.namespaces:
            return (f"eks:policy:{self.name}",)
        return tuple(f"eks:policy:{self.name}:{namespace}" for namespace in self.namespaces)


@dataclass(frozen=True)
class AccessEntry:
    """The Kubernetes user of an IAM principal; `groups` are without those of its policies."""

    principal_arn: str
    username: str
    groups: tuple[str, ...]
    policies: tuple[AccessPolicy, ...]
    type: str


@dataclass(frozen=True)
class Cluster:
    """`version` is the control plane's, or the one that it is updated to; `private_ips` are its
    interfaces' addresses in the VPC; `service_account_key` is PEM; `issuer` is a URL; `endpoint`
    and `certificate_authority` (base64 of PEM) are "" until it serves; `encryption_key` is the ARN
    of the KMS key for secrets; `bootstrap_addons` is whether EKS installs vpc-cni, kube-proxy and
    coredns by itself, unless they are installed as EKS add-ons; `public_cidrs` are the networks
    from which the public endpoint can be reached; `host` is its network namespace; `subnet_ids`
    are the subnets of its VPC configuration now, in the VPC `vpc_id`."""

    name: str
    status: str
    version: str
    region: str
    arn: str
    service_cidr: str
    issuer: str
    service_account_key: str
    host: str
    private_ips: tuple[str, ...]
    vpc_cidrs: tuple[str, ...]
    public_access: bool
    public_cidrs: tuple[str, ...]
    bootstrap_addons: bool
    endpoint: str
    certificate_authority: str
    nodegroups: tuple[Nodegroup, ...]
    addons: tuple[Addon, ...]
    access_entries: tuple[AccessEntry, ...]
    log_types: tuple[str, ...] = ()
    encryption_key: str | None = None
    vpc_id: str = ""
    subnet_ids: tuple[str, ...] = ()
