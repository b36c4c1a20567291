"""Small records for the tests of the network: a VPC with a public and two private subnets."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from localcloud.aws import records as aws

ALL = aws.Rule("-1", -1, -1, cidrs=("0.0.0.0/0",))


@dataclass
class FakeRecords:
    networks: tuple[aws.Vpc, ...] = ()
    machines: tuple[aws.Instance, ...] = ()
    balancers: tuple[aws.LoadBalancer, ...] = ()
    groups: tuple[aws.TargetGroup, ...] = ()
    zones: tuple[aws.HostedZone, ...] = ()

    def vpcs(self) -> tuple[aws.Vpc, ...]:
        return self.networks

    def instances(self) -> tuple[aws.Instance, ...]:
        return self.machines

    def load_balancers(self) -> tuple[aws.LoadBalancer, ...]:
        return self.balancers

    def target_groups(self) -> tuple[aws.TargetGroup, ...]:
        return self.groups

    def hosted_zones(self) -> tuple[aws.HostedZone, ...]:
        return self.zones


def group(
    identity: str,
    ingress: Iterable[aws.Rule] = (),
    egress: Iterable[aws.Rule] = (ALL,),
    vpc: str = "vpc-1",
) -> aws.SecurityGroup:
    """A security group; by default it allows all egress."""
    return aws.SecurityGroup(identity, vpc, tuple(ingress), tuple(egress))


def interface(
    host: str,
    address: str,
    *groups: str,
    subnet: str = "public",
    public: str | None = None,
    prefixes: tuple[str, ...] = (),
) -> aws.Interface:
    """An interface of a host in one of the example's subnets."""
    identity = f"eni-{host}-{address}"
    return aws.Interface(identity, host, f"subnet-{subnet}", address, public, groups, prefixes)


def tcp(port: int, *cidrs: str, groups: tuple[str, ...] = ()) -> aws.Rule:
    return aws.Rule("tcp", port, port, tuple(cidrs), groups)


def vpc(
    interfaces: Iterable[aws.Interface] = (), groups: Iterable[aws.SecurityGroup] = ()
) -> aws.Vpc:
    """10.0.0.0/16: subnet public (internet gateway), private (NAT gateway) and closed (no way)."""
    subnets = (
        aws.Subnet("subnet-public", "vpc-1", "10.0.1.0/24", "eu-west-1a", "igw-1"),
        aws.Subnet("subnet-private", "vpc-1", "10.0.2.0/24", "eu-west-1a", "nat-1"),
        aws.Subnet("subnet-closed", "vpc-1", "10.0.3.0/24", "eu-west-1b", None),
    )
    nats = (aws.NatGateway("nat-1", "subnet-public", "198.51.100.99"),)
    return aws.Vpc(
        "vpc-1", ("10.0.0.0/16",), "igw-1", subnets, nats, tuple(interfaces), tuple(groups)
    )


def other_vpc(interfaces: Iterable[aws.Interface], groups: Iterable[aws.SecurityGroup]) -> aws.Vpc:
    """10.1.0.0/16 with the one subnet `other`, behind an internet gateway."""
    subnets = (aws.Subnet("subnet-other", "vpc-2", "10.1.1.0/24", "eu-west-1a", "igw-2"),)
    return aws.Vpc(
        "vpc-2", ("10.1.0.0/16",), "igw-2", subnets, (), tuple(interfaces), tuple(groups)
    )


def balancer(
    *listeners: aws.Listener,
    dns_name: str = "demo-1.eu-west-1.elb.amazonaws.com",
    addresses: tuple[str, ...] = ("198.51.100.7",),
    kind: Literal["application", "network"] = "application",
) -> aws.LoadBalancer:
    return aws.LoadBalancer(
        "arn:demo", "demo", kind, "internet-facing", dns_name, "elb-demo", addresses, listeners, 60
    )


def zone(
    name: str, *records: aws.RecordSet, servers: tuple[str, ...] = ("ns-1.awsdns-1.org.",)
) -> aws.HostedZone:
    own = (
        aws.RecordSet(name, "NS", 172800, servers),
        aws.RecordSet(
            name, "SOA", 900, (f"{servers[0]} admin.example.org. 1 7200 900 1209600 86400",)
        ),
    )
    return aws.HostedZone(f"Z-{name}", name, (*own, *records))


def forward(*groups: str | tuple[str, int]) -> aws.Forward:
    """A forward to groups, by name or by name and weight."""
    return aws.Forward(tuple(one if isinstance(one, tuple) else (one, 1) for one in groups))


def rule(action: aws.Action, host: str = "", path: str = "") -> aws.ListenerRule:
    """A rule with patterns separated by spaces; the default one without any."""
    conditions = []
    if host:
        conditions.append(aws.Condition("host-header", tuple(host.split())))
    if path:
        conditions.append(aws.Condition("path-pattern", tuple(path.split())))
    return aws.ListenerRule("arn:rule", 1 if conditions else None, tuple(conditions), action)


def listener(*rules: aws.ListenerRule, port: int = 80, protocol: str = "HTTP") -> aws.Listener:
    """A listener with its rules by priority, the default last."""
    return aws.Listener(f"arn:listener-{port}", port, protocol, rules)


def check(**changes: Any) -> aws.HealthCheck:
    """A quick health check: HTTP, 200 only."""
    quick = aws.HealthCheck("HTTP", None, "/healthz", 0.2, 1, 2, 2, "200")
    return replace(quick, **changes)


def target_group(
    arn: str,
    *targets: tuple[str, str, int],
    how: aws.HealthCheck | None = None,
    protocol: str = "HTTP",
) -> aws.TargetGroup:
    """A target group of (id, address, port)."""
    return aws.TargetGroup(
        arn, protocol, how or check(), tuple(aws.Target(*one) for one in targets)
    )
