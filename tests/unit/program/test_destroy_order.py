"""What makes a load balancer is removed before what it takes to remove a load balancer.

Pulumi removes in the reverse of what depends on what; left behind, a load balancer keeps the VPC
from being removed, and costs.
"""

from collections.abc import Callable

import pytest

from tests.unit.program.recording import Recording, Resource, run_once

RIGHTS = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
Pick = Callable[[Recording], Resource]
MAKERS: dict[str, Pick] = {
    "ingress": lambda run: run.one("kubernetes:networking.k8s.io/v1:Ingress"),
    "service": lambda run: run.one("kubernetes:core/v1:Service", "services-nginx-load-balancer"),
}
NEEDED = {
    "controller": ("kubernetes:helm.sh/v3:Release", 1),
    "nodes": ("aws:eks/nodeGroup:NodeGroup", 1),
    "cluster": ("eks:index:Cluster", 1),
    "gateway": ("aws:ec2/internetGateway:InternetGateway", 1),
}


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("needed", NEEDED)
def test_a_load_balancer_goes_before(program: Recording, maker: str, needed: str) -> None:
    type_, count = NEEDED[needed]
    resources = program.of(type_)
    assert len(resources) == count
    assert {it.urn for it in resources} <= program.needs(MAKERS[maker](program))


@pytest.mark.parametrize("maker", MAKERS)
def test_a_load_balancer_goes_before_the_controllers_rights(program: Recording, maker: str) -> None:
    rights = program.one(RIGHTS, "load-balancer-controller-rights")
    role = program.one("aws:iam/role:Role", "load-balancer-controller-role")
    assert {rights.urn, role.urn} <= program.needs(MAKERS[maker](program))


@pytest.mark.parametrize("maker", MAKERS)
def test_a_load_balancer_goes_before_pod_identity(dev: Recording, maker: str) -> None:
    association = dev.one("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    agent = dev.one("aws:eks/addon:Addon", "cluster-eks-pod-identity-agent")
    assert {association.urn, agent.urn} <= dev.needs(MAKERS[maker](dev))


@pytest.mark.parametrize("maker", MAKERS)
def test_a_load_balancer_goes_before_every_route(program: Recording, maker: str) -> None:
    routes = {
        it.urn
        for type_ in (
            "aws:ec2/route:Route",
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            "aws:ec2/natGateway:NatGateway",
        )
        for it in program.of(type_)
    }
    assert routes <= program.needs(MAKERS[maker](program))


def test_the_controller_starts_with_its_rights(local: Recording, dev: Recording) -> None:
    """Pod Identity puts credentials into a pod when it starts, never later."""
    for program, credentials in (
        (local, []),
        (dev, dev.of("aws:eks/podIdentityAssociation:PodIdentityAssociation")),
    ):
        rights = program.one(RIGHTS, "load-balancer-controller-rights")
        needs = program.needs(program.one("kubernetes:helm.sh/v3:Release"))
        assert {rights.urn, *(it.urn for it in credentials)} <= needs


def test_records_go_before_the_load_balancer_they_point_at(program: Recording) -> None:
    ingress = MAKERS["ingress"](program)
    records = program.of("aws:route53/record:Record")
    assert len(records) == 3
    assert all(ingress.urn in program.needs(record) for record in records)


def test_pods_end_while_nodes_still_run(program: Recording) -> None:
    nodes = program.one("aws:eks/nodeGroup:NodeGroup").urn
    pods = [
        *program.of("kubernetes:apps/v1:Deployment"),
        *program.of("kubernetes:core/v1:Namespace"),
        *program.of("aws:eks/addon:Addon")[-1:],
    ]
    assert all(nodes in program.needs(it) for it in pods)


def test_nodes_come_after_networking_and_before_names(program: Recording) -> None:
    nodes = program.one("aws:eks/nodeGroup:NodeGroup")
    before = {
        program.one("aws:eks/addon:Addon", f"cluster-{addon}").urn
        for addon in ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
    }
    assert before <= program.needs(nodes)
    coredns = program.one("aws:eks/addon:Addon", "cluster-coredns")
    assert nodes.urn in program.needs(coredns)


def test_nodes_come_after_their_rights_and_the_way_to_their_images(program: Recording) -> None:
    needs = program.needs(program.one("aws:eks/nodeGroup:NodeGroup"))
    rights = {it.urn for it in program.of(RIGHTS) if it.name.startswith("cluster-nodes")}
    assert len(rights) == 3
    assert rights | {it.urn for it in program.of("aws:ec2/route:Route")} <= needs


def test_the_bastion_boots_with_rights_and_a_way_to_ssm(program: Recording) -> None:
    needs = program.needs(program.one("aws:ec2/instance:Instance"))
    rights = program.one(RIGHTS, "bastion-AmazonSSMManagedInstanceCore").urn
    assert {rights, *(it.urn for it in program.of("aws:ec2/route:Route"))} <= needs


def test_the_ingress_waits_for_a_load_balancer_that_the_controller_made(
    program: Recording,
) -> None:
    """Its webhook refuses connections for a moment after its pods are ready."""
    assert MAKERS["service"](program).urn in program.needs(MAKERS["ingress"](program))


def test_without_nat_the_order_holds_too() -> None:
    program = run_once("local", nat="none")
    routes = {it.urn for it in program.of("aws:ec2/route:Route")}
    assert len(routes) == 1
    assert routes <= program.needs(MAKERS["ingress"](program))
