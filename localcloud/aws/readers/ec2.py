"""moto's EC2 records as the reconcilers read them."""

from collections.abc import Iterable, Iterator
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance as MotoInstance
from moto.ec2.models.route_tables import RouteTable
from moto.ec2.models.security_groups import SecurityGroup as MotoGroup
from moto.ec2.models.security_groups import SecurityGroupRule

from localcloud.aws.ec2.backend import Ec2, prefixes_of
from localcloud.aws.ec2.dependencies import internet_gateway
from localcloud.aws.ec2.endpoints import private_name, service_of
from localcloud.aws.eks.names import namespace_of_interface as eks_namespace
from localcloud.aws.elbv2.names import namespace_of_interface as elb_namespace
from localcloud.aws.snapshots import (
    Endpoint,
    Instance,
    Interface,
    NatGateway,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
)

EVERYWHERE = "0.0.0.0/0"


def vpcs(ec2: Ec2) -> Iterator[Vpc]:
    """The VPCs of a region; moto's default one only if it is used."""
    for vpc in ec2.vpcs.values():
        enis = [eni for eni in ec2.enis.values() if eni.vpc_id == vpc.id]
        if vpc.is_default and not enis:
            continue
        yield Vpc(
            id=vpc.id,
            cidrs=tuple(str(a["cidr_block"]) for a in vpc.get_cidr_block_association_set()),
            internet_gateway=internet_gateway(ec2, vpc.id),
            subnets=tuple(_subnets(ec2, vpc.id)),
            nat_gateways=tuple(_nat_gateways(ec2, vpc.id)),
            interfaces=tuple(made for eni in enis if (made := interface(eni))),
            groups=tuple(_group(group) for group in ec2.groups[vpc.id].values()),
            endpoints=tuple(_endpoints(ec2, vpc.id)),
        )


def _subnets(ec2: Ec2, vpc_id: str) -> Iterator[Subnet]:
    for subnet in ec2.describe_subnets(filters={"vpc-id": vpc_id}):
        table = _table(ec2, vpc_id, subnet.id)
        yield Subnet(
            id=subnet.id,
            vpc_id=vpc_id,
            cidr=str(subnet.cidr),
            zone=subnet.availability_zone,
            default_route_target=_default_route_target(table),
            s3=any(
                table.id in endpoint.route_table_ids for endpoint in ec2.vpc_end_points.values()
            ),
        )


def _endpoints(ec2: Ec2, vpc_id: str) -> Iterator[Endpoint]:
    for endpoint in ec2.vpc_end_points.values():
        if endpoint.vpc_id == vpc_id:
            enis = [ec2.enis[each] for each in endpoint.network_interface_ids]
            name = private_name(endpoint, ec2.region_name)
            yield Endpoint(name, tuple(str(eni.private_ip_address) for eni in enis))


def _table(ec2: Ec2, vpc_id: str, subnet_id: str) -> RouteTable:
    """The subnet's route table, or else the VPC's main one."""
    tables = [table for table in ec2.route_tables.values() if table.vpc_id == vpc_id]
    own = [table for table in tables if subnet_id in table._associations.values()]
    return (own or [table for table in tables if table.main_association_id])[0]


def _default_route_target(table: RouteTable) -> str | None:
    """The target of 0.0.0.0/0 in a route table."""
    for route in table.routes:
        if route.destination_cidr_block == EVERYWHERE:
            target: Any = route.gateway or route.nat_gateway
            return str(target.id) if target else None
    return None


def reaches(ec2: Ec2, eni: NetworkInterface, services: Iterable[str]) -> bool:
    """Whether an interface reaches services of AWS: through the internet, or their endpoints."""
    target = _default_route_target(_table(ec2, eni.subnet.vpc_id, eni.subnet.id))
    if target and (eni.public_ip or not target.startswith("igw-")):
        return True
    private = {
        service_of(each)
        for each in ec2.vpc_end_points.values()
        if each.vpc_id == eni.subnet.vpc_id and private_name(each, ec2.region_name)
    }
    return set(services) <= private


def _nat_gateways(ec2: Ec2, vpc_id: str) -> Iterator[NatGateway]:
    for gateway in ec2.nat_gateways.values():
        if gateway.vpc_id == vpc_id and gateway.state == "available":
            yield NatGateway(gateway.id, gateway.subnet_id, gateway.address_set[0]["publicIp"])


def host_of(eni: NetworkInterface) -> str | None:
    """The network namespace, or the VPC endpoint, that an interface belongs to; None if it is a NAT
    gateway's, or unused."""
    if eni.instance:
        return str(eni.instance.id)
    if eni.interface_type == "vpc_endpoint":
        return eni.description.rpartition(" ")[2]
    return eks_namespace(eni.description) or elb_namespace(eni.description)


def interface(eni: NetworkInterface) -> Interface | None:
    """The interface, or None if it belongs to no host or to a stopped instance."""
    host = host_of(eni)
    if host is None or (eni.instance and eni.instance.state != "running"):
        return None
    return Interface(
        id=eni.id,
        host=host,
        subnet_id=eni.subnet.id,
        private_ip=str(eni.private_ip_address),
        public_ip=eni.public_ip,
        groups=tuple(sorted(group.id for group in eni.group_set)),
        prefixes=prefixes_of(eni),
    )


def _group(group: MotoGroup) -> SecurityGroup:
    return SecurityGroup(
        id=group.id,
        vpc_id=str(group.vpc_id),
        ingress=tuple(_rules(group.ingress_rules)),
        egress=tuple(_rules(group.egress_rules)),
    )


def _rules(rules: Iterable[SecurityGroupRule]) -> Iterator[Rule]:
    for rule in rules:
        cidr, source = rule.cidr_ipv4, rule.source_group.get("GroupId")
        if cidr or source:  # the rest is IPv6, which the cloud's networks do not carry
            yield Rule(
                protocol=rule.ip_protocol or "-1",
                from_port=-1 if rule.from_port is None else int(rule.from_port),
                to_port=-1 if rule.to_port is None else int(rule.to_port),
                cidrs=(cidr,) if cidr else (),
                groups=(source,) if source else (),
            )


def instances(ec2: Ec2) -> Iterator[Instance]:
    """The instances of a region that are not terminated."""
    for reservation in ec2.reservations.values():
        for instance in reservation.instances:
            if instance.state != "terminated":
                yield _instance(instance, ec2.region_name)


def _instance(instance: MotoInstance, region: str) -> Instance:
    tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
    return Instance(
        id=instance.id,
        name=tags.get("Name"),
        dns_name=instance.private_dns_name,
        private_ip=str(instance.private_ip),
        type=instance.instance_type,
        zone=str(instance.availability_zone),
        region=region,
        state=instance.state,
    )
