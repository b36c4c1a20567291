"""Small records for the tests of the network: a VPC with a public and two private subnets."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from localcloud.aws.elbv2.snapshots import (
    Action,
    Condition,
    Forward,
    HealthCheck,
    Listener,
    ListenerRule,
    LoadBalancer,
    Target,
    TargetGroup,
    Zone,
)
from localcloud.aws.snapshots import (
    Certificate,
    HostedZone,
    Instance,
    Interface,
    NatGateway,
    RecordSet,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
)
from localcloud.pki import Authority

AUTHORITY = Authority("tests")
ALL = Rule("-1", -1, -1, cidrs=("0.0.0.0/0",))


@dataclass
class FakeSnapshots:
    """Snapshots that a test sets."""

    networks: tuple[Vpc, ...] = ()
    machines: tuple[Instance, ...] = ()
    balancers: tuple[LoadBalancer, ...] = ()
    groups: tuple[TargetGroup, ...] = ()
    zones: tuple[HostedZone, ...] = field(default_factory=tuple)
    issued: tuple[Certificate, ...] = ()

    def vpcs(self) -> tuple[Vpc, ...]:
        return self.networks

    def instances(self) -> tuple[Instance, ...]:
        return self.machines

    def load_balancers(self) -> tuple[LoadBalancer, ...]:
        return self.balancers

    def target_groups(self) -> tuple[TargetGroup, ...]:
        return self.groups

    def hosted_zones(self) -> tuple[HostedZone, ...]:
        return self.zones

    def certificates(self) -> tuple[Certificate, ...]:
        return self.issued


def group(
    identity: str, ingress: Iterable[Rule] = (), egress: Iterable[Rule] = (ALL,), vpc: str = "vpc-1"
) -> SecurityGroup:
    """A security group; by default it allows all egress."""
    return SecurityGroup(identity, vpc, tuple(ingress), tuple(egress))


def interface(
    host: str,
    address: str,
    *groups: str,
    subnet: str = "public",
    public: str | None = None,
    prefixes: tuple[str, ...] = (),
) -> Interface:
    """An interface of a host in one of the example's subnets."""
    identity = f"eni-{host}-{address}"
    return Interface(identity, host, f"subnet-{subnet}", address, public, groups, prefixes)


def instance(identity: str, address: str, state: str = "running") -> Instance:
    """An instance by its private address."""
    name = f"ip-{address.replace('.', '-')}.eu-west-1.compute.internal"
    return Instance(identity, None, name, address, "t3.micro", "eu-west-1a", "eu-west-1", state)


def tcp(port: int, *cidrs: str, groups: tuple[str, ...] = ()) -> Rule:
    """A rule for one TCP port."""
    return Rule("tcp", port, port, tuple(cidrs), groups)


def vpc(interfaces: Iterable[Interface] = (), groups: Iterable[SecurityGroup] = ()) -> Vpc:
    """10.0.0.0/16: subnet public (internet gateway), private (NAT gateway) and closed (no way)."""
    subnets = (
        Subnet("subnet-public", "vpc-1", "10.0.1.0/24", "eu-west-1a", "igw-1"),
        Subnet("subnet-private", "vpc-1", "10.0.2.0/24", "eu-west-1a", "nat-1"),
        Subnet("subnet-closed", "vpc-1", "10.0.3.0/24", "eu-west-1b", None),
    )
    nats = (NatGateway("nat-1", "subnet-public", "198.51.100.99"),)
    return Vpc("vpc-1", ("10.0.0.0/16",), "igw-1", subnets, nats, tuple(interfaces), tuple(groups))


def other_vpc(interfaces: Iterable[Interface], groups: Iterable[SecurityGroup]) -> Vpc:
    """10.1.0.0/16 with the one subnet `other`, behind an internet gateway."""
    subnets = (Subnet("subnet-other", "vpc-2", "10.1.1.0/24", "eu-west-1a", "igw-2"),)
    return Vpc("vpc-2", ("10.1.0.0/16",), "igw-2", subnets, (), tuple(interfaces), tuple(groups))


def balancer(
    *listeners: Listener,
    dns_name: str = "demo-1.eu-west-1.elb.amazonaws.com",
    addresses: tuple[str, ...] = ("198.51.100.7",),
    kind: Literal["application", "network", "classic"] = "application",
) -> LoadBalancer:
    """A load balancer named demo."""
    return LoadBalancer(
        "arn:demo", "demo", kind, "internet-facing", dns_name, "elb-demo", addresses, listeners, 60,
        vpc_id="vpc-1", zones=tuple(Zone("eu-west-1a", "10.0.1.5", each) for each in addresses),
    )  # fmt: skip


def zone(
    name: str, *records: RecordSet, servers: tuple[str, ...] = ("ns-1.awsdns-1.org.",)
) -> HostedZone:
    """A hosted zone with the records that every one has."""
    own = (
        RecordSet(name, "NS", 172800, servers),
        RecordSet(name, "SOA", 900, (f"{servers[0]} admin.example.org. 1 7200 900 1209600 86400",)),
    )
    return HostedZone(f"Z-{name}", name, (*own, *records))


def forward(*groups: str | tuple[str, int]) -> Forward:
    """A forward to groups, by name or by name and weight."""
    return Forward(tuple(one if isinstance(one, tuple) else (one, 1) for one in groups))


def rule(action: Action, host: str = "", path: str = "") -> ListenerRule:
    """A rule with patterns separated by spaces; the default one without any."""
    conditions = []
    if host:
        conditions.append(Condition("host-header", tuple(host.split())))
    if path:
        conditions.append(Condition("path-pattern", tuple(path.split())))
    return ListenerRule("arn:rule", 1 if conditions else None, tuple(conditions), action)


def when(action: Action, *conditions: Condition) -> ListenerRule:
    """A rule with these conditions."""
    return ListenerRule("arn:rule", 1, conditions, action)


def listener(*rules: ListenerRule, port: int = 80, protocol: str = "HTTP") -> Listener:
    """A listener with its rules by priority, the default last."""
    return Listener(f"arn:listener-{port}", port, protocol, rules)


def certificate(arn: str, *names: str, key_type: str = "RSA_2048") -> Certificate:
    """A certificate of the tests' own authority."""
    one = AUTHORITY.issue(names[0], names, key_type=key_type)
    return Certificate(arn, one.certificate + AUTHORITY.certificate, one.key)


def secure(
    *rules: ListenerRule, certificates: tuple[str, ...], policy: str, protocol: str = "HTTPS"
) -> Listener:
    """A listener with TLS on port 443."""
    return replace(
        listener(*rules, port=443, protocol=protocol), certificates=certificates, ssl_policy=policy
    )


def check(**changes: Any) -> HealthCheck:
    """A quick health check: HTTP, 200 only."""
    quick = HealthCheck("HTTP", None, "/healthz", 0.2, 1, 2, 2, "200")
    return replace(quick, **changes)


def target_group(
    arn: str,
    *targets: tuple[str, str, int],
    how: HealthCheck | None = None,
    protocol: str = "HTTP",
    **more: Any,
) -> TargetGroup:
    """A target group of (id, address, port)."""
    of = tuple(Target(*one) for one in targets)
    return TargetGroup(arn, protocol, how or check(), of, **more)
