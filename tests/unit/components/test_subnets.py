"""Subnet arithmetic and the choice of zones. What is refused: program/test_settings_refused."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest

from components.network.subnets import plan_subnets
from components.network.zones import pick_zones


def test_a_16_gives_20s_to_private_and_24s_to_public_subnets() -> None:
    plan = plan_subnets("10.0.0.0/16", 3)
    assert plan.private == ("10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20")
    assert plan.public == ("10.0.128.0/24", "10.0.129.0/24", "10.0.130.0/24")


def test_the_smallest_vpc_gives_the_smallest_subnets_that_work() -> None:
    plan = plan_subnets("192.168.4.0/22", 2)
    assert plan.private == ("192.168.4.0/26", "192.168.4.64/26")
    assert plan.public == ("192.168.6.0/27", "192.168.6.32/27")


@pytest.mark.parametrize("prefix", range(16, 23))
@pytest.mark.parametrize("zones", range(2, 7))
def test_subnets_lie_in_the_vpc_and_do_not_overlap(prefix: int, zones: int) -> None:
    vpc = IPv4Network(f"10.64.0.0/{prefix}")
    plan = plan_subnets(str(vpc), zones)
    subnets = [IPv4Network(cidr) for cidr in (*plan.private, *plan.public)]
    assert len(subnets) == 2 * zones
    assert all(subnet.subnet_of(vpc) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


@pytest.mark.parametrize("zones", range(2, 6))
def test_a_zone_added_later_moves_no_other(zones: int) -> None:
    before, after = plan_subnets("10.0.0.0/18", zones), plan_subnets("10.0.0.0/18", zones + 1)
    assert after.private[:zones] == before.private
    assert after.public[:zones] == before.public


@pytest.mark.parametrize("zones", [1, 7])
def test_a_count_of_zones_that_cannot_work_is_refused(zones: int) -> None:
    with pytest.raises(ValueError, match="must be 2 to 6"):
        plan_subnets("10.0.0.0/16", zones)


def test_the_first_zones_but_those_without_eks_are_taken_whatever_their_names() -> None:
    ids = ["use1-az3", "use1-az1", "use1-az2", "use1-az4"]
    assert pick_zones(["a", "b", "c", "d"], ids, 2) == ("b", "c")
