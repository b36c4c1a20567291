"""The checks of a stack whose load balancers are internal."""

from pathlib import Path

import pytest

from tests.unit.checks.fake_aws import ALB, NLB
from tests.unit.checks.stand import Stand, failed
from tests.unit.checks.support import NGINX_PAGE, curl_that_finds, service


@pytest.fixture
def internal(stand: Stand, tmp_path: Path) -> Stand:
    """Both load balancers are "localhost" to the bastion, and there is no way to them from here."""
    stand.outputs["load_balancing"].update(scheme="internal", ingress_scheme="internal")
    stand.outputs["ingress_hostname"] = "localhost"
    stand.account.schemes = {"localhost": "internal"}
    for name in (*stand.pages, ALB, NLB):
        stand.routes.pop((name, 80), None)
    stand.leads("ec2.eu-west-1.amazonaws.com", 443, "127.0.0.1")
    stand.routes["ec2.eu-west-1.amazonaws.com", 443] = ("127.0.0.1", stand.alb)
    stand.pages["localhost"] = "svc-1"
    curl_that_finds(tmp_path, ":80", f"127.0.0.1:{stand.alb}")
    stand.ssm.environment = {"PATH": f"{tmp_path}:{stand.ssm.environment['PATH']}"}
    return stand


def test_4_and_11_hold_for_internal_load_balancers_that_only_the_bastion_reaches(
    internal: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    balancer = service("", "LoadBalancer", hostname="localhost")
    internal.services["nginx-load-balancer"]["status"] = balancer["status"]
    for number, kind, page in ((4, "classic", NGINX_PAGE), (11, "alb", "svc-1")):
        internal.outputs["load_balancing"]["kind"] = "classic"
        internal.account.classic = {"localhost": "internal"}
        internal.pages["localhost"] = page
        result = internal.checked(number)
        assert result.ok, failed(result)
        assert result.outcomes[0].verdict.saw == f"{kind}, internal"
        actions = [each.expectation.action for each in result.outcomes]
        assert actions == ["ELB", "bastion", "its name", "here"]

        internal.leads("localhost", internal.alb)
        assert failed(internal.checked(number)) == "here: localhost:80 answered"
        internal.routes.pop(("localhost", 80))


def test_3_and_11_need_a_control_other_than_internal_load_balancers(internal: Stand) -> None:
    assert internal.checked(3).ok
    internal.routes.clear()
    for number in (3, 11):
        saw = "cannot tell: no control got through (ec2.eu-west-1.amazonaws.com:443 no route)"
        assert failed(internal.checked(number)) == f"here: {saw}"


@pytest.mark.parametrize("number", [6, 7, 8, 12])
def test_names_of_an_internal_ingress_are_tried_on_the_bastion(
    internal: Stand, number: int
) -> None:
    assert internal.checked(number).ok
    internal.pages.update(dict.fromkeys(internal.pages, "?"))
    assert "'?'" in failed(internal.checked(number))
