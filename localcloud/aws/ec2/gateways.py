"""The public addresses, NAT gateways and internet gateways of EC2."""

from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.nat_gateways import NatGateway

from localcloud.aws.accounts import ACCOUNT
from localcloud.aws.ec2 import addresses, dependencies
from localcloud.aws.ec2.dependencies import raise_if
from localcloud.aws.errors import AwsError, not_offered


def taken_public() -> set[str]:
    """The public addresses in use, in every region."""
    taken = set()
    for ec2 in list(ec2_backends[ACCOUNT].values()):
        taken |= {address.public_ip for address in ec2.addresses}
        taken |= {eni.public_ip for eni in ec2.enis.values() if eni.public_ip}
    return taken


class Gateways(EC2Backend):
    """Public addresses, NAT gateways and internet gateways of a region."""

    def allocate_address(self, domain: str, address: str | None = None, tags: Any = None) -> Any:
        """An Elastic IP address, the lowest free public one."""
        if address is None:
            address = addresses.next_public(taken_public())
        return super().allocate_address(domain, address, tags)

    def release_address(self, address: str | None = None, allocation_id: str | None = None) -> None:
        found: list[ElasticAddress] = (
            self.address_by_ip([address]) if address
            else self.address_by_allocation([allocation_id or ""])
        )  # fmt: skip
        if found[0].association_id:
            raise AwsError("InvalidIPAddress.InUse", f"Address {found[0].public_ip} is in use.")
        super().release_address(address, allocation_id)

    def disassociate_address(
        self, address: str | None = None, association_id: str | None = None
    ) -> None:
        """An address of a load balancer cannot be disassociated: it becomes free when the load
        balancer is deleted."""
        found = (
            self.address_by_ip([address]) if address
            else self.address_by_association([association_id or ""])
        )  # fmt: skip
        if found[0].eni and found[0].eni.interface_type == "network_load_balancer":
            message = "You do not have permission to access the specified resource."
            raise AwsError("AuthFailure", message)
        super().disassociate_address(address, association_id)

    def create_nat_gateway(
        self,
        subnet_id: str,
        allocation_id: str,
        tags: dict[str, str] | None = None,
        connectivity_type: str = "public",
    ) -> NatGateway:
        connectivity_type = connectivity_type or "public"  # moto passes None
        if connectivity_type != "public":
            raise not_offered(f"a {connectivity_type} NAT gateway", "InvalidParameterValue")
        if not allocation_id:
            raise AwsError("MissingParameter", "The request must contain an AllocationId")
        address = self.address_by_allocation([allocation_id])[0]
        if address.association_id:
            raise AwsError(
                "Resource.AlreadyAssociated",
                f"Elastic IP address [{allocation_id}] is already associated",
            )
        vpc_id = self.get_subnet(subnet_id).vpc_id
        if not dependencies.internet_gateway(self, vpc_id):
            raise AwsError(
                "Gateway.NotAttached", f"Network {vpc_id} has no Internet gateway attached"
            )
        made = super().create_nat_gateway(subnet_id, allocation_id, tags, connectivity_type)
        made._eni.description = f"Interface for NAT Gateway {made.id}"
        made._eni.requester_managed = True
        made._eni.interface_type = "nat_gateway"
        return made

    def delete_nat_gateway(self, nat_gateway_id: str) -> NatGateway:
        if nat_gateway_id not in self.nat_gateways:
            raise AwsError("NatGatewayNotFound", f"The Nat Gateway {nat_gateway_id} was not found")
        gone = super().delete_nat_gateway(nat_gateway_id)
        for address in self.addresses:
            if address.eni is gone._eni:
                self.disassociate_address(association_id=address.association_id)
        self.enis.pop(gone._eni.id, None)
        return gone

    def attach_internet_gateway(self, internet_gateway_id: str, vpc_id: str) -> Any:
        """A VPC can have only one."""
        if dependencies.internet_gateway(self, vpc_id):
            message = f"Network {vpc_id} already has an internet gateway attached"
            raise AwsError("InvalidParameterValue", message)
        return super().attach_internet_gateway(internet_gateway_id, vpc_id)

    def associate_route_table(
        self, route_table_id: str, gateway_id: str | None = None, subnet_id: str | None = None
    ) -> str:
        """A subnet has one route table; moto would return its present association."""
        others = (each for each in self.route_tables.values() if each.id != route_table_id)
        if subnet_id and any(subnet_id in each._associations.values() for each in others):
            message = (
                f"the specified association for route table {route_table_id} conflicts with an "
                "existing association"
            )
            raise AwsError("Resource.AlreadyAssociated", message)
        return super().associate_route_table(route_table_id, gateway_id, subnet_id)

    def detach_internet_gateway(self, internet_gateway_id: str, vpc_id: str) -> None:
        raise_if(dependencies.of_attachment(self, vpc_id))
        super().detach_internet_gateway(internet_gateway_id, vpc_id)
