"""The cluster of these tests: test_cluster.py looks at it, test_removals.py then takes it apart."""

from collections.abc import Iterator

import pytest

from tests.cloud.conftest import start
from tests.cloud.kubernetes.lab import Lab, machine
from tests.cloud.pods import on_each_node

ADDONS = ("vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent")
NODE_PORT = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
"""


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Two nodes, all add-ons, a pod on each node, and a Service."""
    before = machine()
    cloud = start("k8s")
    try:
        lab = Lab(cloud, before)
        lab.create_cluster()
        for addon in ADDONS:
            lab.create_addon(addon)
        lab.create_nodegroup()
        for addon in ADDONS:
            lab.await_addon(addon)
        for manifest in (on_each_node("web"), NODE_PORT):
            lab.kubectl("apply", "-f", "-", text=manifest)
        lab.kubectl("rollout", "status", "daemonset/web", "--timeout=60s")
        yield lab
    finally:
        cloud.down()


@pytest.fixture(scope="session")
def pods(lab: Lab) -> dict[str, str]:
    """The pods of the DaemonSet `web`: name and address, one on each node."""
    items = lab.get("pods", "-l", "app=web", "--sort-by=.spec.nodeName")
    return {item["metadata"]["name"]: item["status"]["podIP"] for item in items}


@pytest.fixture(scope="session")
def pod(pods: dict[str, str]) -> str:
    """The pod on the first node."""
    return next(iter(pods))
