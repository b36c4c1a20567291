"""Frozen snapshots of the AWS records, which the reconcilers read."""

from dataclasses import dataclass
from typing import Protocol

from localcloud.aws.elbv2.snapshots import LoadBalancer, TargetGroup


@dataclass(frozen=True)
class Rule:
    """A security group rule. `protocol` "-1" means all; ports are inclusive, -1 means any."""

    protocol: str
    from_port: int
    to_port: int
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecurityGroup:
    id: str
    vpc_id: str
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]


@dataclass(frozen=True)
class Subnet:
    """`default_route_target` is that of its route to 0.0.0.0/0: igw-..., nat-... or None; `s3` is
    whether its route table has a gateway endpoint of S3."""

    id: str
    vpc_id: str
    cidr: str
    zone: str
    default_route_target: str | None
    s3: bool = False


@dataclass(frozen=True)
class NatGateway:
    id: str
    subnet_id: str
    public_ip: str


@dataclass(frozen=True)
class Interface:
    """A network interface; `host` is the network namespace it belongs to: an instance's id,
    `eks-<cluster>` for a control plane, `elb-<name>` for a load balancer, `clb-<name>` for a
    classic one. A VPC endpoint has no network namespace: `host` is its id (vpce-...). `prefixes`
    are the CIDRs of the pods behind it.
    """

    id: str
    host: str
    subnet_id: str
    private_ip: str
    public_ip: str | None
    groups: tuple[str, ...]
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Endpoint:
    """An interface endpoint; `name` is its private DNS name, with or without *., or None."""

    name: str | None
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Vpc:
    id: str
    cidrs: tuple[str, ...]
    internet_gateway: str | None
    subnets: tuple[Subnet, ...]
    nat_gateways: tuple[NatGateway, ...]
    interfaces: tuple[Interface, ...]
    groups: tuple[SecurityGroup, ...]
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True)
class Instance:
    """`name` is its Name tag; `dns_name` its private DNS name, which is a node's name."""

    id: str
    name: str | None
    dns_name: str
    private_ip: str
    type: str
    zone: str
    region: str
    state: str


@dataclass(frozen=True)
class RecordSet:
    """One record set; `alias` is the DNS name that an alias record points at.

    `weight` is None for a set that is not weighted; `multivalue` is whether its routing policy
    is multivalue answer.
    """

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]
    alias: str | None = None
    weight: int | None = None
    multivalue: bool = False


@dataclass(frozen=True)
class HostedZone:
    id: str
    name: str
    records: tuple[RecordSet, ...]


@dataclass(frozen=True)
class Certificate:
    """An issued or imported certificate of ACM: PEM texts; the chain begins with
    the certificate itself."""

    arn: str
    full_chain: str
    key: str


class Snapshots(Protocol):
    """Makes snapshots; what one call returns is consistent."""

    def vpcs(self) -> tuple[Vpc, ...]: ...

    def instances(self) -> tuple[Instance, ...]: ...

    def load_balancers(self) -> tuple[LoadBalancer, ...]: ...

    def target_groups(self) -> tuple[TargetGroup, ...]: ...

    def hosted_zones(self) -> tuple[HostedZone, ...]: ...

    def certificates(self) -> tuple[Certificate, ...]: ...
