"""From records to the fabric, and the commands between two fabrics."""

from dataclasses import replace

import pytest

from localcloud.aws.snapshots import Instance, Interface, Vpc
from localcloud.network.fabric import addresses, plan, ruleset
from localcloud.network.fabric.commands import commands
from localcloud.network.fabric.model import BACKBONE, Fabric, device
from tests.unit.localcloud.network.examples import group, interface, vpc

NODE = interface("i-node", "10.0.2.20", "sg-1", subnet="private", prefixes=("10.0.128.0/24",))
WEB = interface("i-web", "10.0.1.10", "sg-1", public="198.51.100.10")


def network(*interfaces: Interface) -> Vpc:
    return vpc(interfaces, [group("sg-1")])


def wanted(*vpcs: Vpc, instances: tuple[Instance, ...] = ()) -> Fabric:
    numbers = {one.id: number for number, one in enumerate(vpcs)}
    return plan.wanted(vpcs, instances, numbers, {})


def routes(fabric: Fabric, netns: str) -> list[str]:
    return sorted(
        each.text
        for each in fabric.addresses_and_routes
        if each.netns == netns and each.kind == "route"
    )


def test_a_control_plane_sends_only_the_vpcs_traffic_into_the_vpc() -> None:
    plane = interface("eks-demo", "10.0.2.9", "sg-1", subnet="private")
    pods = replace(NODE, prefixes=("10.9.0.0/24",))
    fabric = plan.wanted((network(plane, pods),), (), {"vpc-1": 0}, {"eks-demo": 3})
    assert routes(fabric, "eks-demo") == [
        "10.0.0.0/16 via 10.0.2.1 onlink src 10.0.2.9",
        "10.9.0.0/24 via 10.0.2.1 onlink src 10.0.2.9",
        "default via 100.65.3.1",
    ]


def test_a_vpc_without_interfaces_needs_no_router() -> None:
    assert wanted(network()).namespaces == {"world"}


def test_a_vpc_in_the_clouds_own_addresses_is_refused_with_the_value() -> None:
    with pytest.raises(ValueError, match=r"vpc-1: CIDR 100.64.0.0/16 overlaps 100.64.0.0/15"):
        wanted(replace(network(WEB), cidrs=("10.0.0.0/16", "100.64.0.0/16")))


def test_numbers_stay_and_are_used_again() -> None:
    first = addresses.numbered(["a", "b", "c"], {})
    assert first == {"a": 0, "b": 1, "c": 2}
    assert addresses.numbered(["c", "d"], first) == {"c": 2, "d": 0}
    with pytest.raises(ValueError, match="257 VPCs"):
        addresses.numbered(map(str, range(257)), {})


def test_only_internet_gateways_and_reachable_nat_gateways_have_public_addresses() -> None:
    assert ruleset.public_addresses(network(WEB)) == ["198.51.100.10", "198.51.100.99"]
    detached = replace(network(WEB), internet_gateway=None)
    assert ruleset.public_addresses(detached) == []
    private = replace(WEB, subnet_id="subnet-private")
    assert ruleset.public_addresses(network(private)) == ["198.51.100.99"]


def test_a_pod_prefix_that_comes_later_is_one_route() -> None:
    before, after = wanted(network(replace(NODE, prefixes=()))), wanted(network(NODE))
    route = f"route add 10.0.128.0/24 via 10.0.2.20 onlink dev {device('i-node')}"
    assert commands("vpc-1", before, after) == [route]
    assert commands("i-node", before, after) == []


def test_a_host_that_goes_takes_its_settings_with_its_veth() -> None:
    before, after = wanted(network(NODE, WEB)), wanted(network(NODE))
    assert commands("vpc-1", before, after) == [f"link del dev {device('i-web')}"]
    assert commands(BACKBONE, before, after) == ["route del 198.51.100.10/32 via 100.64.0.2 dev v0"]


def test_a_device_that_is_made_anew_under_its_old_name_gets_everything_again() -> None:
    other = replace(network(WEB), id="vpc-9")
    assert commands(BACKBONE, wanted(network(WEB)), wanted(other)) == [
        "link del dev v0",
        "link add dev v0 type veth peer name up0 netns vpc-9",
        "address add 100.64.0.1/30 dev v0",
        "link set dev v0 up",
        "route add 198.51.100.10/32 via 100.64.0.2 dev v0",
        "route add 198.51.100.99/32 via 100.64.0.2 dev v0",
    ]
