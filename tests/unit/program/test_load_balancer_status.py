"""Previews in which no controller has written a host name yet, and what is waited for."""

from typing import Any

import pulumi
import pytest

from tests.unit.program.answers import BALANCER
from tests.unit.program.recording import Recording, run

HOSTNAMES = ("load_balancer_hostname", "ingress_hostname")


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(None, id="create"),
        pytest.param({}, id="update"),
        pytest.param({"loadBalancer": {}}, id="first wait failed"),
        pytest.param({"loadBalancer": {"ingress": []}}, id="load balancer deleted"),
    ],
)
def test_a_preview_without_a_host_name_leaves_it_unknown(status: dict[str, Any] | None) -> None:
    program = run("local", status=status, preview=True)
    assert [program.exports[name] for name in HOSTNAMES] == [pulumi.UNKNOWN] * 2
    records = [it.inputs["records"] for it in program.of("aws:route53/record:Record")]
    assert [pulumi.contains_unknowns(it) for it in records] == [True] * 3


def test_a_host_name_that_is_known_is_previewed() -> None:
    program = run("local", preview=True)
    assert [program.exports[name] for name in HOSTNAMES] == [BALANCER, BALANCER]


def test_what_makes_a_load_balancer_waits_for_its_host_name(local: Recording) -> None:
    waits = {
        it.name: it.inputs["metadata"]["annotations"].get("pulumi.com/waitFor")
        for type_ in ("core/v1:Service", "networking.k8s.io/v1:Ingress")
        for it in local.of(f"kubernetes:{type_}")
    }
    hostname = "jsonpath={.status.loadBalancer.ingress[0].hostname}"
    makers = ("services-nginx-load-balancer", "ingress-hosts")
    assert {name: wait for name, wait in waits.items() if wait} == dict.fromkeys(makers, hostname)
