"""What keeps the Services up while a node is drained; tests/cloud/test_draining.py drains one.

https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html: a disruption budget, and
a preStop hook that lets kube-proxy forget a pod before it stops serving.
"""

from collections.abc import Iterator
from typing import Any

from tests.unit.program.recording import Recording, at

BUDGET = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
CHART = "aws-load-balancer-controller"


def replicated(program: Recording) -> Iterator[tuple[dict[str, str], Any, Any]]:
    """Labels, budget and spread of the pods of each server, and of the controller."""
    budgets = [it.inputs for it in program.of("kubernetes:policy/v1:PodDisruptionBudget")]
    for deployment in program.of("kubernetes:apps/v1:Deployment"):
        labels = at(deployment.inputs, "spec.template.metadata.labels")
        (spec,) = (it["spec"] for it in budgets if at(it, "spec.selector.matchLabels") == labels)
        spread = at(deployment.inputs, "spec.template.spec.topologySpreadConstraints")
        yield labels, {key: spec[key] for key in spec if key != "selector"}, spread
    values = program.one("kubernetes:helm.sh/v3:Release").inputs["values"]
    labels = {f"app.kubernetes.io/{key}": CHART for key in ("name", "instance")}
    yield labels, values["podDisruptionBudget"], values["topologySpreadConstraints"]


def test_a_drain_takes_one_of_two_replicas_at_a_time(program: Recording) -> None:
    found = list(replicated(program))
    assert [budget for _, budget, _ in found] == [BUDGET] * 4


def test_every_server_has_its_budget_before_its_pods(program: Recording) -> None:
    """So that all of them, too, end at the same time when the stack is destroyed."""
    for deployment in program.of("kubernetes:apps/v1:Deployment"):
        name = f"{deployment.name}-budget"
        budget = program.one("kubernetes:policy/v1:PodDisruptionBudget", name)
        assert budget.urn in deployment.depends_on


def test_replicas_are_in_two_zones_on_two_nodes_where_there_are_two(program: Recording) -> None:
    for labels, _, spread in replicated(program):
        assert spread == [
            {
                "topologyKey": place,
                "maxSkew": 1,  # and no minDomains, with which one node would not do
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": labels},
                "nodeTaintsPolicy": "Honor",  # a cordoned node is no place to compare with
                "matchLabelKeys": ["pod-template-hash"],  # a rolling update fits on two nodes
            }
            for place in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ]


def test_a_pod_serves_until_no_kube_proxy_knows_it_and_then_ends_its_requests(
    program: Recording,
) -> None:
    for deployment in program.of("kubernetes:apps/v1:Deployment"):
        pod = at(deployment.inputs, "spec.template.spec")
        pause = at(pod, "containers.0.lifecycle.preStop.sleep.seconds")
        assert (pause, pod["terminationGracePeriodSeconds"] - pause) == (8, 30)
