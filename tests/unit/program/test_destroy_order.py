"""What makes a load balancer is removed before what it takes to remove a load balancer.

Pulumi removes in the reverse of what depends on what; left behind, a load balancer keeps the VPC
from being removed, and costs.
"""

import pytest

from tests.unit.program.recording import Recording, run_once

RIGHTS = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ADDON = "aws:eks/addon:Addon"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
# What the order speaks of: a type, the beginning of names, and how many there are at least.
PARTS = {
    "Ingress": ("kubernetes:networking.k8s.io/v1:Ingress", "", 1),
    "LoadBalancer Service": ("kubernetes:core/v1:Service", "services-nginx-load-balancer", 1),
    "records": ("aws:route53/record:Record", "dns-", 3),
    "Deployments": ("kubernetes:apps/v1:Deployment", "", 3),
    "namespace": ("kubernetes:core/v1:Namespace", "", 1),
    "controller": ("kubernetes:helm.sh/v3:Release", "", 1),
    "controller's rights": (RIGHTS, "load-balancer-controller-rights", 1),
    "controller's role": ("aws:iam/role:Role", "load-balancer-controller-role", 1),
    "Pod Identity association": (ASSOCIATION, "", 1),
    "Pod Identity agent": (ADDON, "cluster-eks-pod-identity-agent", 1),
    "CoreDNS": (ADDON, "cluster-coredns", 1),
    "VPC CNI": (ADDON, "cluster-vpc-cni", 1),
    "kube-proxy": (ADDON, "cluster-kube-proxy", 1),
    "nodes": ("aws:eks/nodeGroup:NodeGroup", "", 1),
    "nodes' rights": (RIGHTS, "cluster-nodes", 3),
    "bastion": ("aws:ec2/instance:Instance", "", 1),
    "bastion's rights": (RIGHTS, "bastion-AmazonSSMManagedInstanceCore", 1),
    "cluster": ("eks:index:Cluster", "", 1),
    "gateway": ("aws:ec2/internetGateway:InternetGateway", "", 1),
    "routes": (ROUTE, "", 3),
    "routes' associations": ("aws:ec2/routeTableAssociation:RouteTableAssociation", "", 4),
    "NAT gateways": ("aws:ec2/natGateway:NatGateway", "", 1),
}
ALL_OF_A_BALANCER = (
    *("controller", "controller's rights", "controller's role"),
    *("Pod Identity association", "Pod Identity agent", "nodes", "cluster"),
    *("gateway", "routes", "routes' associations", "NAT gateways"),
)
# Each part, and what is there before it and is removed after it.
NEEDED = {
    # Its webhook refuses connections for a moment after its pods are ready, so the Service's
    # load balancer, which shows that it works, comes first.
    "Ingress": (*ALL_OF_A_BALANCER, "LoadBalancer Service"),
    "LoadBalancer Service": ALL_OF_A_BALANCER,
    "records": ("Ingress",),
    # Pod Identity puts credentials into a pod when it starts, never later.
    "controller": ("controller's rights", "Pod Identity association", "bastion"),
    # Where the API is private, its objects are reached through the bastion.
    "Deployments": ("nodes", "bastion"),
    "namespace": ("nodes", "bastion"),
    "CoreDNS": ("nodes",),
    "nodes": ("VPC CNI", "kube-proxy", "Pod Identity agent", "nodes' rights", "routes"),
    "bastion": ("bastion's rights", "routes"),
}


@pytest.mark.parametrize(
    ("part", "needed"), [(part, needed) for part, all_ in NEEDED.items() for needed in all_]
)
def test_a_part_is_made_after_and_removed_before(
    program: Recording, part: str, needed: str
) -> None:
    if needed == "Pod Identity association" and program is run_once("local"):
        assert program.of(ASSOCIATION) == []  # IRSA needs none
        return
    (parts, before) = (
        [it for it in program.of(PARTS[each][0]) if it.name.startswith(PARTS[each][1])]
        for each in (part, needed)
    )
    assert len(parts) >= PARTS[part][2]
    assert len(before) >= PARTS[needed][2]
    for each in parts:
        assert {it.urn for it in before} <= program.needs(each)


def test_the_association_is_older_than_nodes(dev: Recording) -> None:
    """It takes effect seconds after it is made (API_CreatePodIdentityAssociation.html)."""
    needed = {dev.resources[urn].type for urn in dev.needs(dev.one(ASSOCIATION))}
    assert "eks:index:Cluster" in needed
    assert needed.isdisjoint({"aws:eks/nodeGroup:NodeGroup", ADDON})


def test_without_nat_the_order_holds_too() -> None:
    program = run_once("local", **{"nat": "none", "vpc-endpoints": "true"})
    (route,) = program.of(ROUTE)
    assert route.urn in program.needs(program.one("kubernetes:networking.k8s.io/v1:Ingress"))
    endpoints = {it.urn for it in program.of("aws:ec2/vpcEndpoint:VpcEndpoint")}
    assert len(endpoints) == 12
    for part in ("aws:eks/nodeGroup:NodeGroup", "aws:ec2/instance:Instance"):
        assert endpoints <= program.needs(program.one(part))
