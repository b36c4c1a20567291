"""moto's ELBv2 with AWS's checks, and without what the cloud's balancers do not implement."""

from typing import Any

from moto.elbv2.exceptions import LoadBalancerNotFoundError
from moto.elbv2.models import FakeLoadBalancer

from localcloud.aws.elbv2 import (
    attribute_checks,
    attributes,
    hosted_zones,
    interfaces,
    limits,
    names,
    offered,
)
from localcloud.aws.elbv2 import subnets as subnets_of
from localcloud.aws.elbv2.groups import TargetGroups
from localcloud.aws.elbv2.listeners import Listeners
from localcloud.aws.elbv2.target_states import TARGET_STATES
from localcloud.aws.errors import AwsError
from localcloud.aws.moto_backend import MotoBackend


class Elbv2(MotoBackend, Listeners, TargetGroups):
    """One region's load balancers."""

    def create_load_balancer(
        self,
        name: str,
        security_groups: list[str],
        subnet_ids: list[str],
        subnet_mappings: list[dict[str, str]] | None = None,
        scheme: str | None = None,
        loadbalancer_type: str | None = None,
        ip_address_type: str = "ipv4",
        tags: list[dict[str, str]] | None = None,
    ) -> FakeLoadBalancer:
        """A request that repeats a name and its settings returns the existing load balancer.

        A new one gets interfaces, and an ARN and a DNS name in AWS's form.
        """
        names.check(name)
        scheme, kind = scheme or "internet-facing", loadbalancer_type or "application"
        mappings = _mappings(subnet_ids, subnet_mappings or [])
        subnets = [mapping["SubnetId"] for mapping in mappings]
        self._check_new(mappings, scheme, kind, ip_address_type)
        for present in self.load_balancers.values():
            if present.name == name:
                return self._same(present, scheme, kind, mappings)
        interfaces.check(self.ec2, mappings, scheme, kind)
        hosted_zones.zone_id(self.region_name, kind)  # raises if the region has none
        count = sum(balancer.type == kind for balancer in self.load_balancers.values())
        limits.check(f"{kind}-load-balancers", count + 1)
        vpc_id = str(self.ec2.get_subnet(subnets[0]).vpc_id)
        if not security_groups and kind == "application":
            default = self.ec2.get_default_security_group(vpc_id)
            security_groups = [default.id] if default else []
        subnets_of.check_groups(self.ec2, security_groups, vpc_id)
        made = super().create_load_balancer(
            name, security_groups, subnets, None, scheme, kind, ip_address_type, tags
        )
        self._complete(made)
        interfaces.update(self.ec2, made, mappings)
        return made

    def _same(
        self,
        present: FakeLoadBalancer,
        scheme: str,
        kind: str,
        mappings: list[dict[str, str]],
    ) -> FakeLoadBalancer:
        """The load balancer of the name. Raises AwsError if other settings are requested."""
        asked = (scheme, kind, {mapping["SubnetId"]: mapping for mapping in mappings})
        if (present.scheme, present.type, interfaces.chosen(self.ec2, present)) != asked:
            message = f"A load balancer with the same name '{present.name}' exists, but with"
            raise AwsError("DuplicateLoadBalancerName", f"{message} different settings")
        return present

    def _complete(self, made: FakeLoadBalancer) -> None:
        """Give it an ARN and a DNS name in AWS's form, its hosted zone and all attributes."""
        arn = names.with_kind(made.arn, made.type)
        if arn != made.arn:
            tags = self.tagging_service.list_tags_for_resource(made.arn)["Tags"]
            self.tagging_service.delete_all_tags_for_resource(made.arn)
            self.tagging_service.tag_resource(arn, tags)
            self.load_balancers[arn] = self.load_balancers.pop(made.arn)
            made.arn = arn
        made.attrs = attributes.defaults(attributes.BALANCERS[made.type])
        made.canonical_hosted_zone_id = hosted_zones.zone_id(self.region_name, made.type)
        number = names.number_of(arn)
        made.dns_name = names.dns_name(made.name, number, made.type, made.scheme, self.region_name)

    def _check_new(
        self, mappings: list[dict[str, str]], scheme: str, kind: str, ip_address_type: str
    ) -> None:
        if kind not in offered.LISTENER_PROTOCOLS:
            raise offered.not_offered(f"a {kind} load balancer")
        if ip_address_type != "ipv4":
            raise offered.not_offered(f"the address type {ip_address_type}")
        for mapping in mappings:
            if extra := set(mapping) - interfaces.MAPPING:
                raise offered.not_offered(f"{', '.join(sorted(extra))} of a subnet mapping")
        self._check_subnets([mapping["SubnetId"] for mapping in mappings], scheme, kind)

    def _check_subnets(self, subnets: list[str], scheme: str, kind: str) -> None:
        found = subnets_of.found(self.ec2, subnets)
        subnets_of.check(self.ec2, found, scheme)
        if kind == "application" and len(found) < 2:
            raise AwsError(
                "ValidationError",
                "At least two subnets in two different Availability Zones must be specified",
            )

    def describe_load_balancers(
        self, arns: list[str] | None, names: list[str] | None
    ) -> list[FakeLoadBalancer]:
        """A load balancer is active once it serves; one unknown ARN or name fails the call."""
        for arn, balancer in self.load_balancers.items():
            balancer.state = "active" if TARGET_STATES.is_active(arn) else "provisioning"
        by_name = {balancer.name: balancer for balancer in self.load_balancers.values()}
        found = [self.load_balancers.get(arn) for arn in arns or ()]
        found += [by_name.get(name) for name in names or ()]
        if None in found:
            raise LoadBalancerNotFoundError()
        given = {balancer.arn: balancer for balancer in found if balancer}
        return list((given if arns or names else self.load_balancers).values())

    def delete_load_balancer(self, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer is None:  # deleting is idempotent
            return
        if balancer.attrs["deletion_protection.enabled"] == "true":
            message = f"Load balancer '{arn}' cannot be deleted because deletion protection is on"
            raise AwsError("OperationNotPermitted", message)
        super().delete_load_balancer(arn)
        interfaces.remove(self.ec2, balancer)
        self.tagging_service.delete_all_tags_for_resource(arn)
        TARGET_STATES.forget(arn)
        self.relink()

    def set_security_groups(self, arn: str, sec_groups: list[str]) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer and balancer.type == "network" and not balancer.security_groups:
            raise AwsError(
                "InvalidConfigurationRequest",
                "Security groups cannot be set on a network load balancer made without any",
            )
        super().set_security_groups(arn, sec_groups)
        interfaces.update(self.ec2, self.load_balancers[arn])

    def set_subnets(
        self, arn: str, subnets: list[str], subnet_mappings: list[dict[str, Any]]
    ) -> Any:
        """Zones that stay keep their addresses."""
        balancer = self.describe_load_balancers([arn], None)[0]
        mappings = _mappings(subnets, subnet_mappings)
        self._check_new(mappings, balancer.scheme, balancer.type, balancer.ip_address_type)
        present = interfaces.chosen(self.ec2, balancer)
        new = [mapping for mapping in mappings if mapping["SubnetId"] not in present]
        interfaces.check_kept(mappings, present)
        interfaces.check(self.ec2, new, balancer.scheme, balancer.type)
        balancer.subnets = [self.ec2.get_subnet(mapping["SubnetId"]) for mapping in mappings]
        interfaces.update(self.ec2, balancer, mappings)
        return balancer.availability_zones

    def add_tags(self, resource_arns: list[str], tags: list[dict[str, str]]) -> None:
        added = {tag["Key"] for tag in tags}
        for arn in resource_arns:
            self._get_resource_by_arn(arn)
            present = self.tagging_service.get_tag_dict_for_resource(arn)
            limits.check("tags-per-resource", len(added | set(present)))
        for arn in resource_arns:
            self.tagging_service.tag_resource(arn, tags)

    def describe_tags(self, resource_arns: list[str]) -> dict[str, dict[str, str]]:
        for arn in resource_arns:
            self._get_resource_by_arn(arn)
        return super().describe_tags(resource_arns)

    def _get_resource_by_arn(self, arn: str) -> Any:
        """moto's does not find the default rules."""
        if ":listener-rule/" in arn:
            return self.describe_rules(None, [arn])[0]
        return super()._get_resource_by_arn(arn)

    def set_ip_address_type(self, arn: str, ip_type: str) -> None:
        if ip_type != "ipv4":
            raise offered.not_offered(f"the address type {ip_type}")
        super().set_ip_address_type(arn, ip_type)

    def modify_load_balancer_attributes(self, arn: str, attrs: dict[str, Any]) -> dict[str, Any]:
        (balancer,) = self.describe_load_balancers([arn], None)
        attribute_checks.check_balancer(attrs, balancer.type)
        balancer.attrs.update(attrs)
        return balancer.attrs


def _mappings(subnets: list[str], mappings: list[dict[str, str]]) -> list[dict[str, str]]:
    """Subnets and subnet mappings as the latter. Raises AwsError if both are given."""
    if subnets and mappings:
        message = "You must specify either subnets or subnet mappings, but not both"
        raise AwsError("ValidationError", message)
    return mappings or [{"SubnetId": subnet} for subnet in subnets]
