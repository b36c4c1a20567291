"""VPC endpoints, by which a VPC reaches services of AWS without NAT and public addresses."""

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.vpcs import VPCEndPoint

from localcloud.aws.errors import AwsError, not_offered

# The private DNS names of interface endpoints, by service (DescribeVpcEndpointServices).
NAMES = {
    "ec2": "ec2.{region}.amazonaws.com",
    "ec2messages": "ec2messages.{region}.amazonaws.com",
    "eks": "eks.{region}.amazonaws.com",
    "elasticloadbalancing": "elasticloadbalancing.{region}.amazonaws.com",
    "wafv2": "wafv2.{region}.amazonaws.com",
    "logs": "logs.{region}.amazonaws.com",
    "ssm": "ssm.{region}.amazonaws.com",
    "ssmmessages": "ssmmessages.{region}.amazonaws.com",
    "sts": "sts.{region}.amazonaws.com",
    "ecr.api": "api.ecr.{region}.amazonaws.com",
    "ecr.dkr": "*.dkr.ecr.{region}.amazonaws.com",
    "eks-auth": "eks-auth.{region}.api.aws",
}
GATEWAY, INTERFACE = "Gateway", "Interface"
SERVICES = {GATEWAY: ("s3",), INTERFACE: tuple(NAMES)}


def service_of(endpoint: VPCEndPoint) -> str:
    """The service of an endpoint, such as ecr.api."""
    return endpoint.service_name.split(".", 3)[3]


def private_name(endpoint: VPCEndPoint, region: str) -> str | None:
    """The private DNS name of an interface endpoint, or None."""
    if endpoint.vpc_endpoint_type != INTERFACE or not endpoint.private_dns_enabled:
        return None
    return NAMES[service_of(endpoint)].format(region=region)


class Endpoints(EC2Backend):
    """The VPC endpoints of a region. They allow everything: a policy document is refused."""

    def create_vpc_endpoint(
        self,
        vpc_id: str,
        service_name: str,
        endpoint_type: str | None,
        policy_document: str | None,
        route_table_ids: list[str],
        subnet_ids: list[str] | None = None,
        network_interface_ids: list[str] | None = None,
        dns_entries: dict[str, str] | None = None,
        client_token: str | None = None,
        security_group_ids: list[str] | None = None,
        tags: dict[str, str] | None = None,
        private_dns_enabled: bool | None = None,
    ) -> VPCEndPoint:
        """An interface endpoint has an interface in each subnet; a gateway endpoint is a route."""
        kind = endpoint_type or GATEWAY
        self._check_service(service_name, kind)
        if policy_document:
            raise not_offered("PolicyDocument of a VPC endpoint", "UnsupportedOperation")
        private = kind == INTERFACE and private_dns_enabled is not False
        if private:
            self._check_private_dns(vpc_id, service_name)
        self._check_zones(subnet_ids or [])
        default = [] if kind == GATEWAY else [self._default_group(vpc_id)]
        made = super().create_vpc_endpoint(
            vpc_id, service_name, kind, None, route_table_ids, [],
            client_token=client_token, tags=tags, private_dns_enabled=private,
            security_group_ids=security_group_ids or default,
        )  # fmt: skip
        self._add_interfaces(made, subnet_ids or [])
        return made

    def _check_service(self, service_name: str, kind: str) -> None:
        prefix = f"com.amazonaws.{self.region_name}."
        known = [service_name == f"{prefix}{service}" for service in SERVICES.get(kind, ())]
        if not any(known):
            message = (
                f"The Vpc Endpoint Service '{service_name}' does not exist (as {kind}, the local "
                f"cloud has {prefix} with {', '.join(SERVICES.get(kind, ())) or 'nothing'})"
            )
            raise AwsError("InvalidServiceName", message)

    def _check_private_dns(self, vpc_id: str, service_name: str) -> None:
        vpc = self.get_vpc(vpc_id)
        if not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
            message = (
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
                f"attributes set to true for {vpc_id}"
            )
            raise AwsError("InvalidParameter", message)
        for other in self.vpc_end_points.values():
            same = other.vpc_id == vpc_id and other.service_name == service_name
            if same and (name := private_name(other, self.region_name)):
                message = (
                    "private-dns-enabled cannot be set because there is already a conflicting DNS "
                    f"domain for {name} in the VPC {vpc_id}"
                )
                raise AwsError("InvalidParameter", message)

    def _check_zones(self, subnet_ids: list[str]) -> None:
        zones = [self.get_subnet(subnet_id).availability_zone for subnet_id in subnet_ids]
        if len(set(zones)) < len(zones):
            message = "Found another VPC endpoint subnet in the availability zone of a subnet"
            raise AwsError("DuplicateSubnetsInSameZone", message)

    def _default_group(self, vpc_id: str) -> str:
        return next(g.id for g in self.groups[vpc_id].values() if g.name == "default")

    def _add_interfaces(self, endpoint: VPCEndPoint, subnet_ids: list[str]) -> None:
        for subnet_id in subnet_ids:
            next_free: Any = None  # the address
            eni = self.create_network_interface(
                self.get_subnet(subnet_id), next_free, group_ids=endpoint.security_group_ids,
                description=f"VPC Endpoint Interface {endpoint.id}",
            )  # fmt: skip
            eni.requester_managed, eni.requester_id = True, "amazon-vpc"
            eni.interface_type, eni.status = "vpc_endpoint", "in-use"
            endpoint.network_interface_ids.append(eni.id)
            endpoint.subnet_ids = [*(endpoint.subnet_ids or []), subnet_id]

    def modify_vpc_endpoint(
        self,
        vpc_id: str,  # moto's name for the endpoint's id
        policy_doc: str,
        add_subnets: list[str] | None,
        remove_subnets: list[str] | None,
        remove_route_tables: list[str] | None,
        add_route_tables: list[str] | None,
        add_security_groups: list[str] | None,
        remove_security_groups: list[str] | None,
    ) -> None:
        """Changes the interfaces and routes too, which moto does not."""
        endpoint = self.describe_vpc_endpoints([vpc_id])[0]
        if policy_doc:
            raise not_offered("PolicyDocument of a VPC endpoint", "UnsupportedOperation")
        super().modify_vpc_endpoint(
            vpc_id, "", None, remove_subnets, remove_route_tables, add_route_tables,
            add_security_groups, remove_security_groups,
        )  # fmt: skip
        for eni_id in list(endpoint.network_interface_ids):
            if self.enis[eni_id].subnet.id in (remove_subnets or []):
                del self.enis[eni_id]
                endpoint.network_interface_ids.remove(eni_id)
        self._check_zones([*(endpoint.subnet_ids or []), *(add_subnets or [])])
        self._add_interfaces(endpoint, add_subnets or [])
        for eni_id in endpoint.network_interface_ids:
            self.modify_network_interface_attribute(eni_id, endpoint.security_group_ids)
        prefixes: Any = endpoint.destination_prefix_list_id
        for table in add_route_tables or []:
            self.create_route(table, None, gateway_id=vpc_id, destination_prefix_list_id=prefixes)
        for table in remove_route_tables or []:
            self.delete_route(table, prefixes)

    def delete_vpc_endpoints(self, vpce_ids: list[str] | None = None) -> None:
        super().delete_vpc_endpoints(vpce_ids)
        for vpce_id in vpce_ids or []:
            self.vpc_end_points.pop(vpce_id, None)
