"""Ways out of a VPC: internet and NAT gateways, the resolver, AWS, other VPCs."""

from dataclasses import replace

from localcloud.aws.records import Rule
from tests.local.network.example import DATABASE, NODE, WEB_PUBLIC, example
from tests.local.network.stage import Stage
from tests.unit.localcloud.network.examples import (
    group,
    interface,
    other_vpc,
    tcp,
)


def test_a_private_host_reaches_the_world_as_its_nat_gateway(stage: Stage) -> None:
    stage.show(example())
    stage.serve("world", 443)
    assert stage.ask("i-node", "203.0.113.10", 443) == "world sees 198.51.100.99"


def test_a_public_host_reaches_the_world_as_its_own_public_address(stage: Stage) -> None:
    stage.show(example())
    stage.serve("world", 443)
    assert stage.ask("i-web", "203.0.113.10", 443) == f"world sees {WEB_PUBLIC}"


def test_without_a_way_out_neither_the_world_nor_aws_is_reached(stage: Stage) -> None:
    closed = replace(example().groups[2], egress=(Rule("-1", -1, -1, ("0.0.0.0/0",)),))
    stage.show(replace(example(), groups=(*example().groups[:2], closed)))
    stage.serve("world", 443)
    stage.serve(None, 443, "192.0.2.10")
    assert not stage.reaches("i-database", "203.0.113.10", 443)
    assert not stage.reaches("i-database", "192.0.2.10", 443)
    assert stage.ask("i-node", "192.0.2.10", 443) == "None sees 198.51.100.99"


def test_a_nat_gateway_in_a_closed_subnet_leads_nowhere(stage: Stage) -> None:
    base = example()
    nat = replace(base.nat_gateways[0], subnet_id="subnet-closed")
    stage.show(replace(base, nat_gateways=(nat,)))
    stage.serve("world", 443)
    assert not stage.reaches("i-node", "203.0.113.10", 443)


def test_a_public_address_works_from_inside_its_own_vpc_through_nat(stage: Stage) -> None:
    stage.show(example())
    stage.serve("i-web", 80)
    assert stage.ask("i-node", WEB_PUBLIC, 80) == "i-web sees 198.51.100.99"
    assert stage.ask("i-web", WEB_PUBLIC, 80) == f"i-web sees {WEB_PUBLIC}"


def test_two_vpcs_meet_by_public_addresses_only(stage: Stage) -> None:
    other = other_vpc(
        [interface("i-other", "10.1.1.5", "sg-o", subnet="other", public="198.51.100.50")],
        [group("sg-o", [tcp(80, "0.0.0.0/0")])],
    )
    stage.show(example(), other)
    stage.serve("i-other", 80)
    assert stage.ask("i-node", "198.51.100.50", 80) == "i-other sees 198.51.100.99"
    assert not stage.reaches("i-node", "10.1.1.5", 80)


def test_the_resolver_answers_even_without_a_way_out_or_a_rule(stage: Stage) -> None:
    stage.show(example())
    stage.serve(None, 53, "192.0.2.53")
    assert stage.ask("i-database", "10.0.0.2", 53) == "None sees 100.64.0.2"
    assert stage.ask("i-database", "169.254.169.253", 53) == "None sees 100.64.0.2"
    assert not stage.reaches("i-database", "192.0.2.53", 53)


def test_private_addresses_never_leave_their_vpc(stage: Stage) -> None:
    base = example()
    stage.show(replace(base, groups=(*base.groups[:2], group("sg-database"))))
    before = stage.count("vpc-1")
    assert not stage.arrives("i-database", DATABASE, "world", "203.0.113.10")
    assert stage.count("vpc-1") == before
    assert stage.arrives("i-node", NODE, "world", "203.0.113.10")
    assert stage.count("vpc-1") > before


def test_a_control_plane_is_in_the_vpc_and_reaches_aws_by_its_own_way(stage: Stage) -> None:
    base = example()
    planes = [interface("eks-demo", f"10.0.{net}.44", "sg-node", subnet=name)
              for net, name in ((2, "private"), (3, "closed"))]  # fmt: skip
    stage.show(replace(base, interfaces=(*base.interfaces, *planes)))
    for host in ("eks-demo", "i-node"):
        stage.serve(host, 443)
    stage.serve(None, 443, "192.0.2.10")
    assert stage.ask("i-node", "10.0.3.44", 443) == f"eks-demo sees {NODE}"
    assert stage.ask("eks-demo", NODE, 443) == "i-node sees 10.0.2.44"
    assert stage.ask("eks-demo", "192.0.2.10", 443) == "None sees 100.65.0.2"
    assert not stage.reaches("world", "100.65.0.2", 443)
