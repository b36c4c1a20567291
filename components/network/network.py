"""A VPC with public and private subnets in several Availability Zones, and their routes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import pulumi
import pulumi_aws as aws

from components.network.endpoints import interface_endpoints, s3_endpoint
from components.network.flow_logs import flow_logs
from components.network.subnets import SubnetPlan
from components.network.zones import find_zones

Nat = Literal["none", "single", "one-per-zone"]
Tags = dict[str, str]
EVERYWHERE = "0.0.0.0/0"
# By these tags EKS chooses subnets for Classic Load Balancers, and the load balancer controller for
# load balancers whose annotations name none. Those of the stack's own load balancers do.
_PUBLIC_ROLE = {"kubernetes.io/role/elb": "1"}
_PRIVATE_ROLE = {"kubernetes.io/role/internal-elb": "1"}


@dataclass(frozen=True, kw_only=True)
class NetworkSpec:
    """What decides which resources a network has.

    `nat` says how the private subnets reach the internet: not at all, through one NAT gateway, or
    through one in each zone. They reach the AWS services in `endpoints` without NAT.
    Flow logs are kept for `flow_log_days`; with 0 there are none.
    """

    region: str
    plan: SubnetPlan
    nat: Nat
    endpoints: Sequence[str]
    flow_log_days: int

    def __post_init__(self) -> None:
        if self.nat not in get_args(Nat):
            raise ValueError(f"nat is {self.nat!r}: must be one of {', '.join(get_args(Nat))}")
        if self.nat == "none" and not self.endpoints:
            raise ValueError("nat is 'none': needs endpoints, as nothing else leads to AWS")


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`cluster_name` is the EKS cluster that will live in the network."""

    spec: NetworkSpec
    cluster_name: str


class Network(pulumi.ComponentResource):
    """A VPC. Its n-th public and private subnets are in the n-th Availability Zone."""

    cidr: str
    vpc_id: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]
    # What must exist before the subnets' traffic reaches AWS or the internet: routes, endpoints.
    connectivity: list[pulumi.Resource]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Raises pulumi.RunError, before it makes anything, when the region has too few zones."""
        plan = args.spec.plan
        zones = find_zones(len(plan.private))
        super().__init__("eks-service-types:index:Network", name, None, opts)
        self._name = name
        self._args = args
        self.cidr = plan.vpc
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=self.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags("vpc"),
            opts=self._child(),
        )
        self.vpc_id = vpc.id
        self._empty_default_security_group()
        if days := args.spec.flow_log_days:
            flow_logs(name, vpc_id=vpc.id, retention_days=days, opts=self._child())
        gateway = aws.ec2.InternetGateway(
            f"{name}-gateway", vpc_id=vpc.id, tags=self._tags("gateway"), opts=self._child()
        )
        public = self._subnets("public", plan.public, zones, _PUBLIC_ROLE)
        private = self._subnets("private", plan.private, zones, _PRIVATE_ROLE)
        self.public_subnet_ids = [subnet.id for subnet in public]
        self.private_subnet_ids = [subnet.id for subnet in private]
        tables = [self._table(f"private-{number}") for number in range(1, len(private) + 1)]
        self.connectivity = [
            *self._route_to_gateway(public, gateway),
            *self._route_to_nat(tables, self._nat_gateways(public, gateway)),
            *self._associations("private", private, tables),
            *self._endpoints(private, tables),
        ]
        subnet_ids = {"public_subnet_ids": self.public_subnet_ids}
        subnet_ids["private_subnet_ids"] = self.private_subnet_ids
        self.register_outputs({"vpc_id": self.vpc_id, **subnet_ids})

    def _empty_default_security_group(self) -> None:
        """AWS makes this group with rules; all of them are removed, since none is declared here."""
        aws.ec2.DefaultSecurityGroup(
            f"{self._name}-default-security-group",
            vpc_id=self.vpc_id,
            tags=self._tags("default, empty"),
            opts=self._child(),
        )

    def _subnets(
        self, kind: str, cidrs: Sequence[str], zones: Sequence[str], role: Tags
    ) -> list[aws.ec2.Subnet]:
        """One subnet per zone, tagged for load balancers.

        No subnet assigns public addresses: load balancers and NAT gateways have their own.
        """
        cluster = {f"kubernetes.io/cluster/{self._args.cluster_name}": "shared"}
        return [
            aws.ec2.Subnet(
                f"{self._name}-{kind}-{number}",
                vpc_id=self.vpc_id,
                cidr_block=cidr,
                availability_zone=zone,
                map_public_ip_on_launch=False,
                tags={**self._tags(f"{kind}-{number}"), **role, **cluster},
                opts=self._child(),
            )
            for number, (cidr, zone) in enumerate(zip(cidrs, zones, strict=True), start=1)
        ]

    def _route_to_gateway(
        self, subnets: Sequence[aws.ec2.Subnet], gateway: aws.ec2.InternetGateway
    ) -> list[pulumi.Resource]:
        """One table for all public subnets, with a route to the internet gateway."""
        table = self._table("public")
        route = aws.ec2.Route(
            f"{self._name}-public-route",
            route_table_id=table.id,
            destination_cidr_block=EVERYWHERE,
            gateway_id=gateway.id,
            opts=self._child(),
        )
        return [route, *self._associations("public", subnets, [table] * len(subnets))]

    def _nat_gateways(
        self, subnets: Sequence[aws.ec2.Subnet], gateway: aws.ec2.InternetGateway
    ) -> list[aws.ec2.NatGateway]:
        """As many NAT gateways as `nat` says, each with an Elastic IP address."""
        count = {"none": 0, "single": 1, "one-per-zone": len(subnets)}[self._args.spec.nat]
        after_gateway = self._child(depends_on=[gateway])  # AWS requires one for NAT
        return [
            aws.ec2.NatGateway(
                f"{self._name}-nat-{number}",
                allocation_id=aws.ec2.Eip(
                    f"{self._name}-nat-{number}-address",
                    domain="vpc",
                    tags=self._tags(f"nat-{number}"),
                    opts=after_gateway,
                ).id,
                subnet_id=subnet.id,
                tags=self._tags(f"nat-{number}"),
                opts=after_gateway,
            )
            for number, subnet in enumerate(subnets[:count], start=1)
        ]

    def _route_to_nat(
        self, tables: Sequence[aws.ec2.RouteTable], gateways: Sequence[aws.ec2.NatGateway]
    ) -> list[aws.ec2.Route]:
        """A route in the table of each private subnet: to the gateway of its zone, or to the only
        one. Each subnet has a table whatever `nat` is, so that a change of it changes only routes.
        """
        return [
            aws.ec2.Route(
                f"{self._name}-private-{number}-route",
                route_table_id=table.id,
                destination_cidr_block=EVERYWHERE,
                nat_gateway_id=gateways[min(number, len(gateways)) - 1].id,
                opts=self._child(),
            )
            for number, table in enumerate(tables, start=1)
            if gateways
        ]

    def _endpoints(
        self, subnets: Sequence[aws.ec2.Subnet], tables: Sequence[aws.ec2.RouteTable]
    ) -> list[pulumi.Resource]:
        """The private subnets' endpoints: S3 always, the other services by setting."""
        spec = self._args.spec
        s3 = s3_endpoint(
            self._name,
            region=spec.region,
            vpc_id=self.vpc_id,
            tables=tables,
            opts=self._child(),
        )
        if not spec.endpoints:
            return [s3]
        others = interface_endpoints(
            self._name,
            region=spec.region,
            vpc_id=self.vpc_id,
            cidr=self.cidr,
            services=spec.endpoints,
            subnets=subnets,
            opts=self._child(),
        )
        return [s3, *others]

    def _table(self, suffix: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._name}-{suffix}-table",
            vpc_id=self.vpc_id,
            tags=self._tags(suffix),
            opts=self._child(),
        )

    def _associations(
        self,
        kind: str,
        subnets: Sequence[aws.ec2.Subnet],
        tables: Sequence[aws.ec2.RouteTable],
    ) -> list[aws.ec2.RouteTableAssociation]:
        return [
            aws.ec2.RouteTableAssociation(
                f"{self._name}-{kind}-{number}-association",
                subnet_id=subnet.id,
                route_table_id=table.id,
                opts=self._child(),
            )
            for number, (subnet, table) in enumerate(zip(subnets, tables, strict=True), start=1)
        ]

    def _tags(self, suffix: str) -> Tags:
        return {"Name": f"{self._args.cluster_name}-{suffix}"}

    def _child(self, depends_on: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on))
