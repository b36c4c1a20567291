"""Why a record cannot be deleted: what still uses it, in AWS's words."""

from moto.ec2.models import EC2Backend

from localcloud.aws.errors import AwsError


def raise_if(reason: str | None) -> None:
    """Raise AwsError DependencyViolation for a reason, if there is one."""
    if reason:
        raise AwsError("DependencyViolation", reason)


def of_subnet(ec2: EC2Backend, subnet_id: str) -> str | None:
    """Why a subnet cannot be deleted, or None."""
    if any(eni.subnet.id == subnet_id for eni in ec2.enis.values()):
        return f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
    return None


def of_security_group(ec2: EC2Backend, group_id: str) -> str | None:
    """Why a security group cannot be deleted, or None."""
    in_use = any(group.id == group_id for eni in ec2.enis.values() for group in eni.group_set)
    named = any(
        rule.source_group.get("GroupId") == group_id
        for groups in ec2.groups.values()
        for group in groups.values()
        if group.id != group_id
        for rule in (*group.ingress_rules, *group.egress_rules)
    )
    return f"resource {group_id} has a dependent object" if in_use or named else None


def of_attachment(ec2: EC2Backend, vpc_id: str) -> str | None:
    """Why an internet gateway cannot be detached from a VPC, or None."""
    if any(eni.vpc_id == vpc_id and eni.public_ip for eni in ec2.enis.values()):
        return (
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
            "address(es) before detaching the gateway."
        )
    return None


def internet_gateway(ec2: EC2Backend, vpc_id: str) -> str | None:
    """The id of the gateway that is attached to a VPC."""
    gateways = ec2.internet_gateways.values()
    return next((str(each.id) for each in gateways if each.vpc and each.vpc.id == vpc_id), None)


def of_vpc(ec2: EC2Backend, vpc_id: str) -> str | None:
    """Why a VPC cannot be deleted, or None; moto itself checks subnets and route tables."""
    groups = any(group.name != "default" for group in ec2.groups.get(vpc_id, {}).values())
    endpoints = any(each.vpc_id == vpc_id for each in ec2.vpc_end_points.values())
    if internet_gateway(ec2, vpc_id) or groups or endpoints:
        return f"The vpc '{vpc_id}' has dependencies and cannot be deleted."
    return None
