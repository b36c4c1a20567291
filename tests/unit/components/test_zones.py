"""The choice of availability zones."""

import pytest

from components.network.zones import pick_zones


def test_the_first_zones_are_taken() -> None:
    assert pick_zones(["a", "b", "c"], ["x-az1", "x-az2", "x-az3"], 2) == ("a", "b")


def test_a_zone_without_eks_is_left_out_whatever_its_name() -> None:
    assert pick_zones(["a", "b", "c"], ["use1-az3", "use1-az1", "use1-az2"], 2) == ("b", "c")


def test_too_few_zones_are_refused() -> None:
    with pytest.raises(ValueError, match="zone-count is 2, but the region has 1 zones for EKS: a"):
        pick_zones(["a", "b"], ["use1-az1", "use1-az3"], 2)
