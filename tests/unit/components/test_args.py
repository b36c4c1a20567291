"""Arguments that cannot work are refused with field, value and rule."""

import pytest

from components.controller_releases import find_release
from components.dns import DnsArgs
from components.load_balancer_controller import ControllerSpec
from components.network import NetworkSpec
from components.node_group import NodeSpec


def test_an_unknown_nat_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="nat is 'two': must be one of none, single, one-per-zone"):
        NetworkSpec(cidr="10.0.0.0/16", zone_count=2, nat="two")  # type: ignore[arg-type] # the test


def test_a_block_that_cannot_work_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cidr is '10\.0\.0\.0/28' \(2 zones\): is too small"):
        NetworkSpec(cidr="10.0.0.0/28", zone_count=2, nat="single")


@pytest.mark.parametrize("limits", [(0, 1, 2), (2, 1, 3), (1, 3, 2)])
def test_node_counts_out_of_order_are_refused(limits: tuple[int, int, int]) -> None:
    minimum, desired, maximum = limits
    with pytest.raises(ValueError, match="must be at least 1 and in ascending order"):
        NodeSpec(instance_type="t3.medium", minimum=minimum, desired=desired, maximum=maximum)


def test_credentials_that_the_release_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must be irsa, as controller 2\.4\.5 does not know"):
        ControllerSpec(
            release=find_release("2.4.5"), credentials="pod-identity", chart_repository=".charts"
        )


def test_a_record_at_the_apex_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be below example\.com, as no CNAME can stand at"):
        DnsArgs(
            domain="example.com",
            create_zone=True,
            names=["example.com"],
            target="balancer.example",
        )
