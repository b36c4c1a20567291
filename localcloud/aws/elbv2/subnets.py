"""Where a load balancer of any type can be: its subnets and security groups."""

from collections.abc import Iterable, Sequence

from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models.subnets import Subnet

from localcloud.aws.ec2.backend import Ec2
from localcloud.aws.ec2.dependencies import internet_gateway
from localcloud.aws.errors import AwsError


def found(ec2: Ec2, ids: Iterable[str]) -> list[Subnet]:
    """The subnets of these ids. Raises AwsError if one does not exist."""
    subnets = []
    for subnet_id in ids:
        try:
            subnets.append(ec2.get_subnet(subnet_id))
        except InvalidSubnetIdError:
            raise AwsError("SubnetNotFound", f"The subnet ID '{subnet_id}' is not valid") from None
    return subnets


def check(ec2: Ec2, subnets: Sequence[Subnet], scheme: str, status: int = 400) -> None:
    """Raise AwsError unless they are of one VPC, one per zone, with a gateway if it is public.

    `status` is that of the API's InvalidConfigurationRequest.
    """
    vpcs = {str(subnet.vpc_id) for subnet in subnets}
    if len(vpcs) > 1:
        raise AwsError("InvalidSubnet", "The subnets must be of the same VPC")
    if len({subnet.availability_zone for subnet in subnets}) < len(subnets):
        message = "A load balancer cannot be attached to multiple subnets in the same"
        raise AwsError("InvalidConfigurationRequest", f"{message} Availability Zone", status)
    for vpc_id in vpcs:
        if scheme == "internet-facing" and not internet_gateway(ec2, vpc_id):
            raise AwsError("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")


def check_groups(ec2: Ec2, ids: Iterable[str], vpc_id: str) -> None:
    """Raise AwsError unless these are security groups of the VPC."""
    for group_id in ids:
        group = ec2.get_security_group_from_id(group_id)
        if group is None or group.vpc_id != vpc_id:
            message = f"Security group {group_id} does not exist in VPC {vpc_id}"
            raise AwsError("InvalidSecurityGroup", message)
