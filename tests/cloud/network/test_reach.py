"""Who reaches whom, and as whom: the world, security groups, pods, gateways, other VPCs, AWS."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from localcloud.aws.snapshots import Endpoint
from tests.cloud.network.example import AWS, DATABASE, NODE, WEB, WEB_PUBLIC, WORLD, example
from tests.cloud.network.stage import Stage
from tests.unit.localcloud.network.examples import group, interface, other_vpc, tcp

POD, NAT, ROUTER = "10.0.128.7", "198.51.100.99", "100.64.0.2"
OTHER, OTHER_PUBLIC, PLANE = "10.1.1.5", "198.51.100.50", "10.0.3.44"
RESOLVER, DNS = "10.0.0.2", "192.0.2.53"
BALANCER, BALANCER_PUBLIC = "10.0.1.11", "198.51.100.11"
ENDPOINT, LONELY, S3 = "10.0.3.99", "10.0.3.31", "192.0.2.20"
SERVERS = {
    "i-web": (80, 82), "i-node": (80, 443, 8080), "i-database": (5432,), "i-other": (80,),
    "eks-demo": (443,), "elb-demo": (80, 82), "vpc-1": (80,), "world": (443,),
}  # fmt: skip


@pytest.fixture(scope="module")
def everyone() -> Iterator[Stage]:
    """The example with a pod on its node, a control plane, a second VPC, and servers on all."""
    base = example()
    planes = [
        interface("eks-demo", address, "sg-node", subnet=subnet)
        for subnet, address in (("private", "10.0.2.44"), ("closed", PLANE))
    ]
    other = other_vpc(
        [interface("i-other", OTHER, "sg-o", subnet="other", public=OTHER_PUBLIC)],
        [group("sg-o", [tcp(80, "0.0.0.0/0")])],
    )
    endpoint = interface("vpce-1", ENDPOINT, "sg-endpoint", subnet="closed")
    balancer = interface("elb-demo", BALANCER, "sg-web", public=BALANCER_PUBLIC)
    lonely = interface("i-lonely", LONELY, "sg-node", subnet="closed")
    vpc = replace(
        base,
        interfaces=(*base.interfaces, *planes, endpoint, balancer, lonely),
        groups=(*base.groups, group("sg-endpoint", [tcp(443, groups=("sg-node",))])),
        subnets=tuple(replace(each, s3=each.id == "subnet-closed") for each in base.subnets),
        endpoints=(Endpoint("ec2.eu-west-1.amazonaws.com", (ENDPOINT,)),),
    )
    with closing(Stage()) as stage:
        stage.show(vpc, other)
        stage.commands("i-node", f"addr add {POD}/32 dev lo")
        for host, ports in SERVERS.items():
            for port in ports:
                stage.serve(host, port)
        stage.serve(None, 443, AWS)
        stage.serve(None, 443, S3)
        stage.serve(None, 53, DNS)
        yield stage


@pytest.mark.parametrize(
    ("host", "address", "port", "answer"),
    [
        pytest.param("world", WEB_PUBLIC, 80, f"i-web sees {WORLD}", id="the world, as itself"),
        pytest.param("i-web", NODE, 8080, f"i-node sees {WEB}", id="a member of a group"),
        pytest.param("i-node", DATABASE, 5432, f"i-database sees {NODE}", id="and of the next"),
        pytest.param("i-node", WEB, 80, f"i-web sees {NODE}", id="one whose egress allows it"),
        pytest.param("i-web", POD, 8080, f"i-node sees {WEB}", id="a pod, as its node"),
        pytest.param("i-node", WORLD, 443, f"world sees {NAT}", id="out through NAT"),
        pytest.param("i-web", WORLD, 443, f"world sees {WEB_PUBLIC}", id="out as itself"),
        pytest.param("i-node", AWS, 443, f"None sees {NAT}", id="AWS through NAT"),
        pytest.param("i-node", WEB_PUBLIC, 80, f"i-web sees {NAT}", id="back in through NAT"),
        pytest.param("i-web", WEB_PUBLIC, 80, f"i-web sees {WEB_PUBLIC}", id="itself from outside"),
        pytest.param("i-node", BALANCER, 80, f"elb-demo sees {NODE}", id="a load balancer"),
        # DNS gives an internet-facing load balancer's public addresses inside the VPC, too:
        # .../elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
        pytest.param("i-node", BALANCER_PUBLIC, 80, f"elb-demo sees {NAT}", id="its public name"),
        pytest.param("i-node", OTHER_PUBLIC, 80, f"i-other sees {NAT}", id="another VPC's public"),
        pytest.param("i-database", RESOLVER, 53, f"None sees {ROUTER}", id="the VPC's resolver"),
        pytest.param("i-database", "169.254.169.253", 53, f"None sees {ROUTER}", id="link-local"),
        pytest.param("i-node", PLANE, 443, f"eks-demo sees {NODE}", id="a control plane"),
        pytest.param("eks-demo", NODE, 443, "i-node sees 10.0.2.44", id="from a control plane"),
        # docs.aws.amazon.com/vpc/latest/privatelink, interface and gateway endpoints
        pytest.param("i-node", ENDPOINT, 443, f"None sees {ROUTER}", id="AWS by an endpoint"),
        pytest.param("i-lonely", ENDPOINT, 443, f"None sees {ROUTER}", id="and without NAT"),
        pytest.param("i-lonely", S3, 443, f"None sees {ROUTER}", id="S3 by its gateway endpoint"),
        pytest.param("eks-demo", AWS, 443, "None sees 100.65.0.2", id="AWS by its own way"),
    ],
)
def test_it_is_reached(everyone: Stage, host: str, address: str, port: int, answer: str) -> None:
    assert everyone.ask(host, address, port) == answer


@pytest.mark.parametrize(
    ("address", "port", "answer"),
    [(DATABASE, 5432, f"i-database sees {POD}"), (WORLD, 443, f"world sees {NAT}")],
)
def test_a_pod_counts_as_its_node(everyone: Stage, address: str, port: int, answer: str) -> None:
    assert everyone.ask("i-node", address, port, source=POD) == answer


@pytest.mark.parametrize(
    ("host", "address", "port"),
    [
        pytest.param("world", WEB_PUBLIC, 82, id="a port that no rule opens"),
        pytest.param("world", WEB, 80, id="the private address of a public host"),
        pytest.param("world", NODE, 80, id="a private host"),
        pytest.param("world", ROUTER, 80, id="a router"),
        pytest.param("world", "100.65.0.2", 443, id="a control plane's own way out"),
        pytest.param("i-node", BALANCER_PUBLIC, 82, id="a load balancer's port that no rule opens"),
        pytest.param("i-database", BALANCER_PUBLIC, 80, id="a load balancer without a way out"),
        pytest.param("i-web", DATABASE, 5432, id="who is of a group that is not named"),
        pytest.param("i-database", WEB, 80, id="who has no egress"),
        pytest.param("i-lonely", AWS, 443, id="AWS without NAT"),
        pytest.param("i-database", ENDPOINT, 443, id="an endpoint by who has no egress"),
        pytest.param("i-web", ENDPOINT, 443, id="an endpoint whose group does not let in"),
        pytest.param("i-node", ENDPOINT, 80, id="another port of an endpoint"),
        pytest.param("i-database", DNS, 53, id="the DNS itself without a way out"),
        pytest.param("i-node", OTHER, 80, id="a private address of another VPC"),
    ],
)
def test_it_is_not_reached(everyone: Stage, host: str, address: str, port: int) -> None:
    assert not everyone.reaches(host, address, port)
