"""Services of type LoadBalancer for which EKS itself makes a Classic Load Balancer.

github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md
"""

import json
from typing import Any

import pytest

from tests.cloud.kubernetes.lab import Lab
from tests.cloud.waiting import eventually

PREFIX = "service.beta.kubernetes.io/aws-load-balancer"
TIMED_OUT = 28  # of curl
CURL = ("curl", "-s", "-o", "/dev/null", "-m2")


def apply(lab: Lab, name: str, annotations: dict[str, str] | None = None, **spec: Any) -> None:
    """A Service of the DaemonSet `web`."""
    given = {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}], **spec}
    metadata = {"name": name, "annotations": annotations or {}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": given}
    lab.kubectl("apply", "-f", "-", text=json.dumps(service))


def balancer(lab: Lab, name: str) -> dict[str, Any]:
    """The load balancer of a Service, once the Service has its name."""

    def hostname() -> str:
        status = lab.get("service", name)["status"]["loadBalancer"]
        return str(status["ingress"][0]["hostname"]) if status else ""

    eventually(lambda: bool(hostname()), 30)
    return next(each for each in balancers(lab) if each["DNSName"] == hostname())


def balancers(lab: Lab) -> list[dict[str, Any]]:
    return list(lab.cloud.client("elb").describe_load_balancers()["LoadBalancerDescriptions"])


def reaches(lab: Lab, name: str) -> int:
    """How a request of the world to a load balancer ends: 0 is an answer."""
    return lab.cloud.world([*CURL, f"http://{name}"], check=False).returncode


@pytest.fixture(scope="module")
def front(lab: Lab) -> dict[str, Any]:
    """The load balancer of the Service `front`, beside Services that are for another controller."""
    apply(lab, "classed", loadBalancerClass="service.k8s.aws/nlb")
    apply(lab, "external", {f"{PREFIX}-type": "external"})
    apply(lab, "front")
    return balancer(lab, "front")


def test_the_world_reaches_the_instances_in_the_zones_of_the_balancer(
    lab: Lab, front: dict[str, Any]
) -> None:
    assert len(balancers(lab)) == 1
    assert front["Scheme"] == "internet-facing"
    eventually(lambda: reaches(lab, front["DNSName"]) == 0)

    def health() -> list[str]:
        of = {"LoadBalancerName": front["LoadBalancerName"]}
        states = lab.cloud.client("elb").describe_instance_health(**of)["InstanceStates"]
        found = {each["InstanceId"]: each["State"] for each in states}
        return [found[instance] for instance in lab.instances]

    # There is a public subnet in the first zone alone.
    eventually(lambda: health() == ["InService", "OutOfService"], 30)


def test_source_ranges_are_the_only_ones_let_in(lab: Lab, front: dict[str, Any]) -> None:
    for block, ends in (("203.0.113.0/24", TIMED_OUT), ("198.18.0.0/24", 0)):
        apply(lab, "front", loadBalancerSourceRanges=[block])
        eventually(lambda ends=ends: reaches(lab, front["DNSName"]) == ends)  # type: ignore[misc]


def test_an_internal_balancer_serves_the_vpc_alone(lab: Lab) -> None:
    apply(lab, "inner", {f"{PREFIX}-internal": "true"})
    inner = balancer(lab, "inner")
    assert (inner["Scheme"], inner["DNSName"][:9]) == ("internal", "internal-")
    lookup = lab.cloud.world(["getent", "hosts", inner["DNSName"]]).stdout
    address = lookup.split()[0]
    assert address.startswith("10.0.")

    def answers() -> bool:
        command = (*CURL, f"http://{address}")
        return lab.inside(*command, host=lab.instances[1], check=False).returncode == 0

    eventually(answers)
    assert reaches(lab, inner["DNSName"]) != 0


def test_a_deleted_service_leaves_nothing(lab: Lab, front: dict[str, Any]) -> None:
    lab.kubectl("delete", "service", "front", "inner", "classed", "external", "--timeout=60s")
    assert balancers(lab) == []
    groups = lab.ec2.describe_security_groups()["SecurityGroups"]
    assert not set(front["SecurityGroups"]) & {group["GroupId"] for group in groups}
    sources = [
        pair["GroupId"]
        for group in groups
        for permission in group["IpPermissions"]
        for pair in permission["UserIdGroupPairs"]
    ]
    assert not set(front["SecurityGroups"]) & set(sources)
    interfaces = lab.ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert not [each for each in interfaces if each["Description"].startswith("ELB ")]
