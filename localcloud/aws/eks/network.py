"""What EKS creates in the customer's VPC for a control plane: a security group and interfaces."""

import secrets
from typing import Any

from localcloud.aws import backends
from localcloud.aws.eks import names, offered
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


def check_new_subnets(state: ClusterState, subnet_ids: list[str]) -> None:
    """Raise for subnets outside the zones that the cluster was created with, as EKS does, and for
    the removal of a subnet that has an interface of the control plane."""
    found = check_subnets(state.region, subnet_ids)
    if others := sorted({subnet.availability_zone for subnet in found} - state.zones):
        raise invalid(
            f"Provided subnets belong to the AZs {', '.join(others)}. But they should belong to "
            f"the AZs in which subnets were provided during cluster creation: "
            f"{', '.join(sorted(state.zones))}"
        )
    enis = backends.ec2(state.region).enis
    if not {enis[eni].subnet.id for eni in state.interfaces} <= set(subnet_ids):
        raise offered.not_offered("a change of subnetIds that moves the control plane's interfaces")


def check_groups(region: str, vpc_id: str, groups: list[str]) -> None:
    """Raise InvalidParameterException for a security group that is not the VPC's."""
    for group_id in groups:
        group = backends.ec2(region).get_security_group_from_id(group_id)
        if group is None or group.vpc_id != vpc_id:
            raise invalid(f"The security group '{group_id}' does not exist in VPC {vpc_id}")


def make(state: ClusterState, subnets: list[Any]) -> None:
    """Create a cluster's security group and interfaces, all or nothing, and store their ids in
    the state."""
    config = state.record["resourcesVpcConfig"]
    try:
        config["clusterSecurityGroupId"] = _make_security_group(state)
        _open_security_group(state)
        _make_interfaces(state, subnets)
    except BaseException:
        remove(state)
        raise


def _make_security_group(state: ClusterState) -> str:
    name = f"eks-cluster-sg-{state.name}-{secrets.randbelow(10**9)}"
    group = backends.ec2(state.region).create_security_group(
        name,
        "EKS created security group applied to ENI that is attached to EKS Control Plane master "
        "nodes, as well as any managed workloads.",
        vpc_id=state.record["resourcesVpcConfig"]["vpcId"],
        tags={"Name": name, "aws:eks:cluster-name": state.name, **names.owned(state.name)},
    )
    return str(group.id)


def _open_security_group(state: ClusterState) -> None:
    """Allow all traffic between its members; moto allows all egress by default."""
    group = state.security_group
    backends.ec2(state.region).authorize_security_group_ingress(
        group, "-1", "-1", "-1", [], source_groups=[{"GroupId": group}]
    )


def _make_interfaces(state: ClusterState, subnets: list[Any]) -> None:
    """An interface in each of two subnets of different zones."""
    groups = [state.security_group, *state.record["resourcesVpcConfig"]["securityGroupIds"]]
    description = names.interface_description(state.name)
    chosen: dict[str, Any] = {}
    for subnet in subnets:
        chosen.setdefault(subnet.availability_zone, subnet)
    for subnet in list(chosen.values())[:INTERFACES]:
        eni = backends.ec2(state.region).create_network_interface(
            subnet, None, group_ids=groups, description=description
        )
        state.interfaces.append(eni.id)
        eni.requester_managed = True
        eni.requester_id = "amazon-eks"
        eni.status = "in-use"


def remove(state: ClusterState) -> None:
    """Delete what was created for a cluster, if it still exists."""
    ec2 = backends.ec2(state.region)
    for eni in state.interfaces:
        ec2.enis.pop(eni, None)
    group = state.record["resourcesVpcConfig"].get("clusterSecurityGroupId")
    if group and ec2.get_security_group_from_id(group):
        ec2.delete_security_group(group_id=group)
