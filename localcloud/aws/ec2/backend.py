"""moto's EC2 with what it leaves out: addresses that do not collide, and dependencies."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from moto.ec2 import urls
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance, InstanceState, Reservation
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC

from localcloud.aws.ec2 import addresses, dependencies
from localcloud.aws.ec2.dependencies import refuse_if
from localcloud.aws.ec2.gateways import Gateways
from localcloud.aws.ec2.instance_types import InstanceTypes
from localcloud.aws.ec2.security_group_rules import SecurityGroupRules
from localcloud.aws.ec2.volumes import Volumes, completed
from localcloud.aws.errors import AwsError

NO_TOKEN = "ABCDE"  # what moto takes for a missing client token


def prefixes_of(eni: NetworkInterface) -> tuple[str, ...]:
    """The blocks that an interface holds for pods."""
    return tuple(item["Ipv4Prefix"] for item in getattr(eni, "ipv4_prefixes", ()))


def address_for(subnet: Subnet, instance: Instance) -> str:
    """In place of moto's Subnet.get_available_subnet_ip, which knows of instances alone."""
    address = subnet.ec2_backend.next_address(subnet)
    subnet._subnet_ips[address] = instance
    return str(address)


def primary_groups(instance: Instance) -> list[SecurityGroup]:
    """The security groups of an instance's first interface."""
    return list(instance.nics[0]._group_set)


class Ec2(Gateways, Volumes, InstanceTypes, SecurityGroupRules):
    """One region's EC2."""

    @property
    def _url_module(self) -> Any:
        return urls  # moto derives it from the class's module, which is ours

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
        """With the subnet's next free address unless one is asked for."""
        subnet = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
        if not private_ip_address and not (args and args[0]):
            private_ip_address = self.next_address(subnet)
        return super().create_network_interface(subnet, private_ip_address, *args, **kwargs)

    def replace_iam_instance_profile_association(self, *args: Any, **kwargs: Any) -> Any:
        """With the new profile in the description of the instance, too, which moto forgets."""
        made = super().replace_iam_instance_profile_association(*args, **kwargs)
        told = {"Arn": made.iam_instance_profile.arn, "Id": made.association_id}
        self.modify_instance_attribute(made.instance_id, "iam_instance_profile", told)
        return made

    def next_address(self, subnet: Subnet) -> str:
        """The next free address of a subnet, outside of the pods' blocks."""
        pods = {str(a) for block in self.pod_prefixes(subnet.id) for a in IPv4Network(block)}
        try:
            return addresses.next_private(
                IPv4Network(subnet.cidr_block), self.private_addresses(subnet.id) | pods
            )
        except LookupError as error:
            raise AwsError("InsufficientFreeAddressesInSubnet", str(error)) from None

    def pod_prefixes(self, subnet_id: str) -> list[str]:
        """The blocks of a subnet that interfaces hold for the pods behind them."""
        return [
            prefix
            for eni in self.enis.values()
            if eni.subnet.id == subnet_id
            for prefix in prefixes_of(eni)
        ]

    def assign_pod_prefix(self, eni: NetworkInterface) -> str:
        """Give an interface a block of its subnet, as the VPC CNI asks for (Ipv4Prefixes)."""
        subnet = eni.subnet
        taken = self.private_addresses(subnet.id)
        try:
            block = addresses.pod_prefix(
                IPv4Network(subnet.cidr_block), taken, self.pod_prefixes(subnet.id)
            )
        except LookupError as error:
            raise AwsError("InsufficientFreeAddressesInSubnet", str(error)) from None
        eni.ipv4_prefixes = [{"Ipv4Prefix": str(block)}]  # type: ignore[attr-defined]  # as AWS's
        return str(block)

    def delete_network_interface(self, eni_id: str) -> None:
        eni = self.get_network_interface(eni_id)
        if eni.requester_managed:
            raise AwsError("OperationNotPermitted", f"{eni_id} is managed by {eni.requester_id}")
        super().delete_network_interface(eni_id)

    def run_instances(
        self, image_id: str, count: int, user_data: Any, security_group_names: Any, **kwargs: Any
    ) -> Reservation:
        """Once a client token; each interface it makes ends with its instance, as on AWS."""
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
            self._take_back(set(self.reservations) - before, set(self.enis) - known)
            raise
        for eni in [nic for i in made.instances for nic in i.nics.values() if nic.id not in known]:
            eni.delete_on_termination = eni.device_index not in kept
        for instance in made.instances:
            instance.security_groups = instance.security_groups or primary_groups(instance)
        return made

    def _take_back(self, reservations: set[str], interfaces: set[str]) -> None:
        """Leave nothing of a launch that failed midway: all of it is launched, or none."""
        for reservation in reservations:
            for instance in self.reservations[reservation].instances:
                instance.terminate()
            del self.reservations[reservation]
        for eni in interfaces:
            self.enis.pop(eni, None)

    def modify_network_interface_attribute(self, eni_id: str, *args: Any, **kwargs: Any) -> None:
        """An instance's groups are those of its first interface, and so change with them."""
        super().modify_network_interface_attribute(eni_id, *args, **kwargs)
        eni = self.get_network_interface(eni_id)
        if eni.instance and eni.device_index == 0:
            eni.instance.security_groups = primary_groups(eni.instance)

    def modify_instance_security_groups(
        self, instance_id: str, new_group_id_list: list[str]
    ) -> Instance:
        """The other way round."""
        instance = super().modify_instance_security_groups(instance_id, new_group_id_list)
        instance.nics[0]._group_set = list(instance.security_groups)
        return instance

    def _complete_volumes(self, image_id: str, kwargs: dict[str, Any]) -> None:
        """Say in the arguments of a launch which volumes end with the instance."""
        mappings = kwargs.get("block_device_mappings")
        if not mappings and kwargs.get("launch_template"):
            template = self._get_template_from_args(kwargs["launch_template"])
            mappings, image_id = template.data.get("BlockDeviceMappings"), template.image_id
        if mappings:
            root = self.root_device(image_id) or ""
            kwargs["block_device_mappings"] = completed(mappings, root)

    def terminate_instances(self, instance_ids: list[str]) -> list[tuple[Instance, InstanceState]]:
        """Their addresses become free, elastic ones too."""
        gone = super().terminate_instances(instance_ids)
        for instance, _ in gone:
            for nic in instance.nics.values():
                for address in self.addresses:
                    if address.eni is nic and nic.id not in self.enis:
                        self.disassociate_address(association_id=address.association_id)
        return gone

    def _iterate_security_rules(self, *args: Any, **kwargs: Any) -> Iterator[SecurityGroupRule]:
        """With the description of a rule that names a group, which moto forgets."""
        for rule in super()._iterate_security_rules(*args, **kwargs):
            if text := rule.source_group.get("Description"):
                rule.ip_range = {"Description": text}  # where moto looks for it
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
        """A launch template tells the tags that it was made with, unless it is told others."""
        for number in resource_ids:
            if number in self.launch_templates:
                self.launch_templates[number].tags = self.launch_templates[number].get_tags()

    def delete_subnet(self, subnet_id: str) -> Subnet:
        refuse_if(dependencies.of_subnet(self, subnet_id))
        return super().delete_subnet(subnet_id)

    def delete_security_group(self, name: str | None = None, group_id: str | None = None) -> None:
        if group_id:
            refuse_if(dependencies.of_security_group(self, group_id))
        super().delete_security_group(name, group_id)

    def delete_vpc(self, vpc_id: str) -> VPC:
        refuse_if(dependencies.of_vpc(self, vpc_id))
        return super().delete_vpc(vpc_id)
