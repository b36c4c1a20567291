"""Previews in which no controller has written a host name yet, and what is waited for."""

from typing import Any

import pulumi
import pytest

from tests.unit.program.recording import BALANCER, Recording, run

RECORD = "aws:route53/record:Record"
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
    records = program.of(RECORD)
    assert len(records) == 3
    for record in records:
        assert pulumi.contains_unknowns(record.inputs["records"])


def test_a_host_name_that_is_known_is_previewed() -> None:
    program = run("local", preview=True)
    assert [program.exports[name] for name in HOSTNAMES] == [BALANCER, BALANCER]


def test_what_makes_a_load_balancer_waits_for_its_host_name(local: Recording) -> None:
    waits = {
        resource.name: resource.inputs["metadata"]["annotations"].get("pulumi.com/waitFor")
        for type_ in ("kubernetes:core/v1:Service", "kubernetes:networking.k8s.io/v1:Ingress")
        for resource in local.of(type_)
    }
    hostname = "jsonpath={.status.loadBalancer.ingress[0].hostname}"
    assert {name for name, wait in waits.items() if wait} == {
        "services-nginx-load-balancer",
        "ingress-hosts",
    }
    assert {wait for wait in waits.values() if wait} == {hostname}
