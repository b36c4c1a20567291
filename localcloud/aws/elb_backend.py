"""The records of Classic Load Balancers, and moto's backend as the place where they are kept.

moto's own records have none of AWS's checks, and no place for a load balancer's interfaces.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.ec2.models.subnets import Subnet
from moto.elb.models import ELBBackend

from localcloud.aws.accounts import arn
from localcloud.aws.ec2.backend import Ec2, of_region
from localcloud.aws.elbv2 import names
from localcloud.aws.errors import AwsError
from localcloud.aws.moto_backend import MotoBackend

Listener = dict[str, Any]  # with botocore's names, InstanceProtocol included


def default_attributes() -> dict[str, dict[str, Any]]:
    """The attributes of a new load balancer, with botocore's names."""
    off = ("CrossZoneLoadBalancing", "AccessLog", "ConnectionDraining")
    return {name: {"Enabled": False} for name in off} | {"ConnectionSettings": {"IdleTimeout": 60}}


@dataclass(kw_only=True)
class Balancer:
    """A Classic Load Balancer. `policies` are by name. `proxied` maps an instance port to the
    names of its PROXY protocol policies."""

    region: str
    name: str
    scheme: str
    number: str
    subnets: list[Subnet]
    security_groups: list[str]
    listeners: list[Listener]
    health_check: dict[str, Any]
    instances: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=default_attributes)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    proxied: dict[int, list[str]] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    type: str = "classic"

    @property
    def arn(self) -> str:
        return arn("elasticloadbalancing", self.region, f"loadbalancer/{self.name}")

    @property
    def dns_name(self) -> str:
        return names.dns_name(self.name, self.number, self.type, self.scheme, self.region)

    @property
    def instance_ports(self) -> list[int]:
        return sorted({listener["InstancePort"] for listener in self.listeners})

    def target_group_arn(self, port: int) -> str:
        """A made-up ARN for the instances on one port: Classic Load Balancers have no target
        groups."""
        return f"{self.arn}:{port}"


class Elb(MotoBackend, ELBBackend):
    """One region's Classic Load Balancers."""

    load_balancers: dict[str, Balancer]  # type: ignore[assignment]  # not moto's records

    @property
    def ec2(self) -> Ec2:
        return of_region(self.region_name)

    def named(self, name: str) -> Balancer:
        """The load balancer of that name. Raises AwsError if there is none."""
        if name not in self.load_balancers:
            raise AwsError(
                "LoadBalancerNotFound", f"There is no ACTIVE Load Balancer named '{name}'"
            )
        return self.load_balancers[name]
