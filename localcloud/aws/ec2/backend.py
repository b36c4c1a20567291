"""moto's EC2 with AWS's checks before deletion, and private addresses that do not collide; the
public ones are in gateways.py."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any, cast

from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance, InstanceState, Reservation
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC

from localcloud.aws.accounts import ACCOUNT
from localcloud.aws.ec2 import addresses, dependencies
from localcloud.aws.ec2.dependencies import raise_if
from localcloud.aws.ec2.endpoints import Endpoints
from localcloud.aws.ec2.flow_logs import FlowLogs
from localcloud.aws.ec2.gateways import Gateways
from localcloud.aws.ec2.instance_types import InstanceTypes
from localcloud.aws.ec2.security_group_rules import SecurityGroupRules
from localcloud.aws.ec2.volumes import Volumes, completed
from localcloud.aws.errors import AwsError
from localcloud.aws.moto_backend import MotoBackend

NO_TOKEN = "ABCDE"  # what moto takes for a missing client token


def prefixes_of(eni: NetworkInterface) -> tuple[str, ...]:
    """The prefixes that are assigned to an interface, for pods."""
    return tuple(item["Ipv4Prefix"] for item in getattr(eni, "ipv4_prefixes", ()))


def address_for(subnet: Subnet, instance: Instance) -> str:
    """Replaces moto's Subnet.get_available_subnet_ip, which only considers instances."""
    address = subnet.ec2_backend.next_address(subnet)
    subnet._subnet_ips[address] = instance
    return str(address)


def primary_groups(instance: Instance) -> list[SecurityGroup]:
    """The security groups of an instance's first interface."""
    return list(instance.nics[0]._group_set)


class Ec2(MotoBackend, Gateways, Endpoints, FlowLogs, Volumes, InstanceTypes, SecurityGroupRules):
    """One region's EC2."""

    def private_addresses(self, subnet_id: str) -> set[str]:
        """The addresses of a subnet that interfaces hold."""
        return {
            address["PrivateIpAddress"]
            for eni in self.enis.values()
            if eni.subnet.id == subnet_id
            for address in eni.private_ip_addresses
        }

    def create_network_interface(
        self, subnet: Any, private_ip_address: Any, *args: Any, **kwargs: Any
    ) -> NetworkInterface:
        """The interface gets the next free address of the subnet unless one is given."""
        subnet = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
        if not private_ip_address and not (args and args[0]):
            private_ip_address = self.next_address(subnet)
        return super().create_network_interface(subnet, private_ip_address, *args, **kwargs)

    def replace_iam_instance_profile_association(self, *args: Any, **kwargs: Any) -> Any:
        """Updates what DescribeInstances returns as well, which moto does not."""
        made = super().replace_iam_instance_profile_association(*args, **kwargs)
        profile = {"Arn": made.iam_instance_profile.arn, "Id": made.association_id}
        self.modify_instance_attribute(made.instance_id, "iam_instance_profile", profile)
        return made

    def next_address(self, subnet: Subnet) -> str:
        """The next free address of a subnet outside the prefixes for pods."""
        pods = {str(a) for block in self.pod_prefixes(subnet.id) for a in IPv4Network(block)}
        try:
            return addresses.next_private(
                IPv4Network(subnet.cidr_block), self.private_addresses(subnet.id) | pods
            )
        except LookupError as error:
            raise AwsError("InsufficientFreeAddressesInSubnet", str(error)) from None

    def pod_prefixes(self, subnet_id: str) -> list[str]:
        """The prefixes of a subnet that are assigned to interfaces, for pods."""
        return [
            prefix
            for eni in self.enis.values()
            if eni.subnet.id == subnet_id
            for prefix in prefixes_of(eni)
        ]

    def assign_pod_prefix(self, eni: NetworkInterface) -> str:
        """Assign a prefix of its subnet to an interface, as the VPC CNI does (Ipv4Prefixes)."""
        subnet = eni.subnet
        taken = self.private_addresses(subnet.id)
        try:
            block = addresses.pod_prefix(
                IPv4Network(subnet.cidr_block), taken, self.pod_prefixes(subnet.id)
            )
        except LookupError as error:
            raise AwsError("InsufficientFreeAddressesInSubnet", str(error)) from None
        eni.ipv4_prefixes = [{"Ipv4Prefix": str(block)}]  # type: ignore[attr-defined]  # not in moto
        return str(block)

    def delete_network_interface(self, eni_id: str) -> None:
        eni = self.get_network_interface(eni_id)
        if eni.requester_managed:
            raise AwsError("OperationNotPermitted", f"{eni_id} is managed by {eni.requester_id}")
        super().delete_network_interface(eni_id)

    def run_instances(
        self, image_id: str, count: int, user_data: Any, security_group_names: Any, **kwargs: Any
    ) -> Reservation:
        """A request that repeats a client token returns the first reservation.

        Interfaces that a launch makes are deleted with their instance by default, as on AWS.
        """
        token = kwargs.get("client_token", NO_TOKEN)
        for reservation in self.reservations.values():
            if token != NO_TOKEN and any(i.client_token == token for i in reservation.instances):
                return reservation
        known, before = set(self.enis), set(self.reservations)
        kept = {
            int(nic["DeviceIndex"])
            for nic in kwargs.get("nics") or []
            if nic.get("DeleteOnTermination") is False
        }
        self._complete_volumes(image_id, kwargs)
        try:
            made = super().run_instances(image_id, count, user_data, security_group_names, **kwargs)
        except BaseException:
            self._undo_launch(set(self.reservations) - before, set(self.enis) - known)
            raise
        for eni in [nic for i in made.instances for nic in i.nics.values() if nic.id not in known]:
            eni.delete_on_termination = eni.device_index not in kept
        for instance in made.instances:
            instance.security_groups = instance.security_groups or primary_groups(instance)
        return made

    def _undo_launch(self, reservations: set[str], interfaces: set[str]) -> None:
        """Remove what a failed launch has made: a launch is all or nothing."""
        for reservation in reservations:
            for instance in self.reservations[reservation].instances:
                instance.terminate()
            del self.reservations[reservation]
        for eni in interfaces:
            self.enis.pop(eni, None)

    def modify_network_interface_attribute(self, eni_id: str, *args: Any, **kwargs: Any) -> None:
        """Updates the instance too: its groups are those of its first interface."""
        super().modify_network_interface_attribute(eni_id, *args, **kwargs)
        eni = self.get_network_interface(eni_id)
        if eni.instance and eni.device_index == 0:
            eni.instance.security_groups = primary_groups(eni.instance)

    def modify_instance_security_groups(
        self, instance_id: str, new_group_id_list: list[str]
    ) -> Instance:
        """Updates the first interface too: the instance's groups are its groups."""
        instance = super().modify_instance_security_groups(instance_id, new_group_id_list)
        instance.nics[0]._group_set = list(instance.security_groups)
        return instance

    def _complete_volumes(self, image_id: str, kwargs: dict[str, Any]) -> None:
        """Set DeleteOnTermination of the volumes in the arguments of a launch."""
        mappings = kwargs.get("block_device_mappings")
        if not mappings and kwargs.get("launch_template"):
            template = self._get_template_from_args(kwargs["launch_template"])
            mappings, image_id = template.data.get("BlockDeviceMappings"), template.image_id
        if mappings:
            root = self.root_device(image_id) or ""
            kwargs["block_device_mappings"] = completed(mappings, root)

    def terminate_instances(self, instance_ids: list[str]) -> list[tuple[Instance, InstanceState]]:
        """Disassociates the Elastic IP addresses of the instances."""
        gone = super().terminate_instances(instance_ids)
        for instance, _ in gone:
            for nic in instance.nics.values():
                for address in self.addresses:
                    if address.eni is nic and nic.id not in self.enis:
                        self.disassociate_address(association_id=address.association_id)
        return gone

    def _iterate_security_rules(self, *args: Any, **kwargs: Any) -> Iterator[SecurityGroupRule]:
        """Keeps the description of a rule whose source is a group, which moto loses."""
        for rule in super()._iterate_security_rules(*args, **kwargs):
            if text := rule.source_group.get("Description"):
                rule.ip_range = {"Description": text}  # moto reads it from here
            yield rule

    def create_tags(self, resource_ids: list[str], tags: dict[str, str]) -> bool:
        done = super().create_tags(resource_ids, tags)
        self._tag_templates(resource_ids)
        return done

    def delete_tags(self, resource_ids: list[str], tags: dict[str, str]) -> bool:
        done = super().delete_tags(resource_ids, tags)
        self._tag_templates(resource_ids)
        return done

    def _tag_templates(self, resource_ids: list[str]) -> None:
        """Update the tags in a launch template, which moto would describe as they were created."""
        for resource_id in resource_ids:
            if template := self.launch_templates.get(resource_id):
                template.tags = template.get_tags()

    def delete_subnet(self, subnet_id: str) -> Subnet:
        raise_if(dependencies.of_subnet(self, subnet_id))
        return super().delete_subnet(subnet_id)

    def delete_security_group(self, name: str | None = None, group_id: str | None = None) -> None:
        if group_id:
            raise_if(dependencies.of_security_group(self, group_id))
        super().delete_security_group(name, group_id)

    def delete_vpc(self, vpc_id: str) -> VPC:
        raise_if(dependencies.of_vpc(self, vpc_id))
        return super().delete_vpc(vpc_id)


def of_region(region: str) -> Ec2:
    return cast(Ec2, ec2_backends[ACCOUNT][region])  # backends.py has put ours there
