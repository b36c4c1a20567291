"""The official controller with Ingresses that are large, or come and go: nothing that it calls is
refused where AWS would do it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cloud.conftest import Cloud
from tests.cloud.pods import on_each_node
from tests.cloud.waiting import eventually

ANNOTATION = "alb.ingress.kubernetes.io"


class Site:
    """A namespace of its own, with pods of nginx behind the Service `web`."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud, self.name, self.elb = cloud, name, cloud.client("elbv2")

    def kubectl(self, *args: str, text: str = "") -> str:
        return self.cloud.run(["kubectl", "-n", self.name, *args], text=text).stdout

    def ingress(self, hosts: int, annotations: dict[str, str] | None = None) -> None:
        """Apply the Ingress `web` with hosts from h0.example.com on."""
        backend = {"service": {"name": "web", "port": {"number": 80}}}
        paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
        rules = [{"host": f"h{n}.example.com", "http": {"paths": paths}} for n in range(hosts)]
        notes = {f"{ANNOTATION}/{key}": value for key, value in (annotations or {}).items()}
        metadata = {"name": "web", "annotations": notes}
        spec = {"ingressClassName": "alb", "rules": rules}
        kind = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"}
        self.kubectl(
            "apply", "-f", "-", text=json.dumps({**kind, "metadata": metadata, "spec": spec})
        )

    def rules(self) -> list[dict[str, Any]]:
        """The rules of its load balancer, the default left out, or none."""
        for balancer in self.balancers():
            arn = {"LoadBalancerArn": balancer["LoadBalancerArn"]}
            for listener in self.elb.describe_listeners(**arn)["Listeners"]:
                found = self.elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
                return [rule for rule in found if not rule["IsDefault"]]
        return []

    def balancers(self) -> list[dict[str, Any]]:
        """Those of its Ingress, or of a group whose name begins with the namespace's."""
        found = self.elb.describe_load_balancers()["LoadBalancers"]
        return [each for each in found if each["LoadBalancerName"].startswith(f"k8s-{self.name}")]

    def serves(self, group: str = "") -> bool:
        """Whether it has one load balancer, of that Ingress group, with two healthy targets."""
        found = self.balancers()
        if [each["LoadBalancerName"].split("-")[1] for each in found] != [group or self.name]:
            return False
        states = []
        arn = {"LoadBalancerArn": found[0]["LoadBalancerArn"]}
        for each in self.elb.describe_listeners(**arn)["Listeners"]:
            for one in self.elb.describe_rules(ListenerArn=each["ListenerArn"])["Rules"]:
                for target_group in (
                    one["Actions"][0].get("ForwardConfig", {}).get("TargetGroups", [])
                ):
                    states += self.states(target_group["TargetGroupArn"])
        return states.count("healthy") == 2

    def states(self, group: str) -> list[str]:
        """The states of a target group's targets."""
        found = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [each["TargetHealth"]["State"] for each in found]

    def refusals(self) -> list[str]:
        """What the controller could not do, as its events tell."""
        events = json.loads(self.kubectl("get", "events", "-o", "json"))["items"]
        return [each["message"] for each in events if each["reason"].startswith("Failed")]


@contextmanager
def site(cloud: Cloud, name: str) -> Iterator[Site]:
    """A site, until the test ends; its namespace goes within a minute."""
    made = Site(cloud, name)
    cloud.run(["kubectl", "create", "namespace", name])
    made.kubectl("apply", "-f", "-", text=on_each_node("web"))
    made.kubectl("create", "service", "nodeport", "web", "--tcp=80")
    try:
        yield made
    finally:
        cloud.run(["kubectl", "delete", "namespace", name, "--timeout=60s"])


def test_an_ingress_of_60_hosts_is_reconciled_again(cloud: Cloud) -> None:
    """Case 12: the second time changes nothing; more rules than 100 are refused, and 100 stay."""
    with site(cloud, "many") as made:
        made.ingress(60)
        eventually(lambda: len(made.rules()) == 60, 60)
        first = made.rules()
        made.ingress(60, {"tags": "a=b"})
        (balancer,) = made.balancers()
        arns = [balancer["LoadBalancerArn"]]

        def tagged() -> bool:
            (found,) = made.elb.describe_tags(ResourceArns=arns)["TagDescriptions"]
            return {"Key": "a", "Value": "b"} in found["Tags"]

        eventually(tagged)
        made.ingress(59)
        eventually(lambda: made.rules() == first[:59], 60)
        assert not made.refusals()
        made.ingress(105)
        eventually(lambda: any("TooManyRules" in each for each in made.refusals()), 60)
        assert len(made.rules()) == 100


@pytest.mark.parametrize("kind", ["ip", "instance"])
def test_an_ingress_comes_and_goes_within_the_deregistration_delay(cloud: Cloud, kind: str) -> None:
    """Cases 11 and 29: targets that drain hold nothing up."""
    with site(cloud, kind) as made:
        of_kind = {"target-type": kind}
        made.ingress(1, of_kind)
        eventually(made.serves, 60)
        made.kubectl("rollout", "restart", "daemonset", "web")
        made.kubectl("rollout", "status", "daemonset", "web", "--timeout=60s")
        made.kubectl("delete", "ingress", "web", "--timeout=60s")
        made.ingress(1, of_kind)
        eventually(made.serves, 60)
        ports = [{"op": "replace", "path": "/spec/ports/0/nodePort", "value": 30999}]
        made.kubectl("patch", "service", "web", "--type=json", "--patch", json.dumps(ports))
        other = f"{kind}other"
        made.ingress(1, {**of_kind, "group.name": other})
        eventually(lambda: made.serves(other), 60)
        made.ingress(1, of_kind)
        eventually(made.serves, 60)
        assert not made.refusals()
