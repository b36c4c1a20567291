"""Clusters for the tests: one that is looked at, and one a module that takes things away."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.kubernetes.client import LabClient, started

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
---
apiVersion: v1
kind: Service
metadata: {name: google-service}
spec: {type: ExternalName, externalName: google.com}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state home of the module's own."""
    before = os.environ.get("XDG_STATE_HOME")
    yield tmp_path_factory.mktemp("state")
    if before is None:
        os.environ.pop("XDG_STATE_HOME", None)
    else:
        os.environ["XDG_STATE_HOME"] = before


@pytest.fixture(scope="module")
def lab(home: Path) -> Iterator[LabClient]:
    """Two nodes, all add-ons, a pod on each node, and Services."""
    client = started(home, "k8s")
    try:
        client.ask("create_cluster")
        for addon in ADDONS:
            client.ask("create_addon", addon, {})
        client.ask("create_nodegroup")
        for addon in ADDONS:
            client.ask("await_addon", addon)
        manifest = home / "pods.yaml"
        manifest.write_text(PODS)
        client.kubectl("apply", "-f", str(manifest))
        client.kubectl("rollout", "status", "daemonset/web", "--timeout=60s")
        yield client
    finally:
        client.close()


@pytest.fixture(scope="module")
def pods(lab: LabClient) -> dict[str, str]:
    """The pods of the DaemonSet `web`: name and address, one on each node."""
    items = lab.get("pods", "-l", "app=web", "--sort-by=.spec.nodeName")["items"]
    return {item["metadata"]["name"]: item["status"]["podIP"] for item in items}
