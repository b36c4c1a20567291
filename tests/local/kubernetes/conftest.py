"""The cluster of these tests: test_cluster.py looks at it, test_removals.py then takes it apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.conftest import start
from tests.local.kubernetes.lab import Lab, MachineState

ADDONS = ("vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent")
PODS = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: nginx
        image: localhost/nginx:stable
        readinessProbe: {httpGet: {port: 80, path: /}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
"""


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Two nodes, all add-ons, a pod on each node, and Services."""
    before = MachineState.now()
    cloud = start("k8s")
    try:
        lab = Lab(cloud, before)
        lab.create_cluster()
        for addon in ADDONS:
            lab.create_addon(addon)
        lab.create_nodegroup()
        for addon in ADDONS:
            lab.await_addon(addon)
        manifest: Path = tmp_path_factory.mktemp("lab") / "pods.yaml"
        manifest.write_text(PODS)
        lab.kubectl("apply", "-f", str(manifest))
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
