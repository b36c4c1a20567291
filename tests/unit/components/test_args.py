"""Arguments that cannot work are refused with field, value and rule."""

from typing import Any

import pytest

from components.dns import DnsArgs
from components.load_balancer_controller import ControllerSpec
from components.load_balancer_controller.releases import find_release
from components.network import NetworkSpec
from components.network.subnets import plan_subnets


def test_an_unknown_nat_mode_is_refused() -> None:
    nat: Any = "two"
    with pytest.raises(ValueError, match="nat is 'two': must be one of none, single, one-per-zone"):
        NetworkSpec(
            region="eu-west-1",
            endpoints=(),
            flow_log_days=0,
            plan=plan_subnets("10.0.0.0/16", 2),
            nat=nat,
        )


def test_credentials_that_the_release_does_not_know_are_refused() -> None:
    old = find_release("2.4.5")
    with pytest.raises(ValueError, match=r"must be irsa, as controller 2\.4\.5 does not support"):
        ControllerSpec(release=old, credentials="pod-identity", chart_repository=".charts")


def test_a_record_at_the_apex_is_refused() -> None:
    apex = "example.com"
    with pytest.raises(ValueError, match=r"must be below example\.com, as no CNAME can be at"):
        DnsArgs(domain=apex, create_zone=True, names=[apex])
