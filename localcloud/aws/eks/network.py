"""What EKS makes in the customer's VPC for a control plane: a security group and interfaces."""

from typing import Any

from localcloud.aws import backends
from localcloud.aws.eks import names
from localcloud.aws.eks.state import ClusterState, invalid

INTERFACES = 2  # a control plane has one in each of two subnets


def check_subnets(region: str, subnet_ids: list[str]) -> list[Any]:
    """The subnets. Raises InvalidParameterException for an unknown one, more than one VPC, or
    fewer than two zones."""
    ec2 = backends.ec2(region)
    known = {subnet.id: subnet for subnet in ec2.describe_subnets()}
    if unknown := [subnet for subnet in subnet_ids if subnet not in known]:
        raise invalid(f"The subnet ID '{unknown[0]}' does not exist")
    found = [known[subnet] for subnet in subnet_ids]
    if len({subnet.vpc_id for subnet in found}) > 1:
        raise invalid("Subnets specified must be in the same VPC")
    if len({subnet.availability_zone for subnet in found}) < 2:
        raise invalid("Subnets specified must be in at least two different AZs")
    return found


def check_groups(region: str, vpc_id: str, groups: list[str]) -> None:
    """Raise InvalidParameterException for a security group that is not the VPC's."""
    for group_id in groups:
        group = backends.ec2(region).get_security_group_from_id(group_id)
        if group is None or group.vpc_id != vpc_id:
            raise invalid(f"The security group '{group_id}' does not exist in VPC {vpc_id}")


def make_security_group(region: str, cluster: str, vpc_id: str, number: int) -> str:
    """The cluster security group: everything between its members, everything out; its id."""
    ec2 = backends.ec2(region)
    name = f"eks-cluster-sg-{cluster}-{number}"
    group = ec2.create_security_group(
        name,
        "EKS created security group applied to ENI that is attached to EKS Control Plane master "
        "nodes, as well as any managed workloads.",
        vpc_id=vpc_id,
        tags={"Name": name, "aws:eks:cluster-name": cluster, **names.owned(cluster)},
    )
    members = [{"GroupId": group.id}]  # reach each other; moto itself lets everything out
    ec2.authorize_security_group_ingress(group.id, "-1", "-1", "-1", [], source_groups=members)
    return str(group.id)


def make_interfaces(region: str, cluster: str, subnets: list[Any], groups: list[str]) -> list[str]:
    """An interface in each of two subnets of different zones; their ids."""
    ec2 = backends.ec2(region)
    chosen: dict[str, Any] = {}
    for subnet in subnets:
        chosen.setdefault(subnet.availability_zone, subnet)
    made = []
    for subnet in list(chosen.values())[:INTERFACES]:
        eni = ec2.create_network_interface(
            subnet, None, group_ids=groups, description=names.interface_description(cluster)
        )
        eni.requester_managed = True
        eni.requester_id = "amazon-eks"
        eni.status = "in-use"
        made.append(eni.id)
    return made


def remove(state: ClusterState) -> None:
    """Take away what was made for a cluster."""
    ec2 = backends.ec2(state.region)
    for eni in state.interfaces:
        ec2.enis.pop(eni, None)
    ec2.delete_security_group(group_id=state.security_group)
