"""Whatever process of a cloud is killed comes back, and the cloud works on as if nothing was.

As on EKS, whose control plane heals itself, and on a node, where systemd starts programs again.
"""

import os
import signal

import pytest

from tests.cloud.conftest import Cloud, processes_of
from tests.cloud.pods import on_each_node
from tests.cloud.waiting import eventually

KUBERNETES = (
    "/etcd --name", "/kube-apiserver --", "/kube-controller-manager --", "/kube-scheduler --",
    "/aws-cloud-controller-manager --",
    "/containerd --config", "/kubelet --config", "/kube-proxy --config",
)  # fmt: skip
DNS = "/coredns -conf /run/localcloud"  # not that of the cluster
SECONDS = 15.0  # in which everything has to work again


def kill(cloud: Cloud, words: str) -> None:
    """Kill the first such process, and wait for one in its place."""
    before = processes_of(cloud, words)
    os.kill(before[0], signal.SIGKILL)
    eventually(lambda: len(set(processes_of(cloud, words)) - set(before)) == 1)


def kubectl(cloud: Cloud, *args: str, check: bool = True) -> str:
    return cloud.run(["kubectl", *args], check).stdout


@pytest.fixture(scope="module")
def pods(cloud: Cloud) -> str:
    """The containers of all pods before anything is killed."""
    return containers(cloud)


def containers(cloud: Cloud) -> str:
    ids = '{range .items[*]}{.metadata.name} {.status.containerStatuses[*].containerID}{"\\n"}{end}'
    return kubectl(cloud, "get", "pods", "-A", "-o", f"jsonpath={ids}")


@pytest.mark.parametrize("words", KUBERNETES)
def test_a_program_of_the_cluster_comes_back_and_objects_nodes_and_pods_stay(
    cloud: Cloud, pods: str, words: str
) -> None:
    kubectl(cloud, "create", "configmap", "kept", "--from-literal=a=b")
    kill(cloud, words)
    eventually(lambda: kubectl(cloud, "get", "--raw", "/readyz", check=False) == "ok")
    assert kubectl(cloud, "get", "configmap", "kept", "-o", "jsonpath={.data.a}") == "b"
    kubectl(cloud, "delete", "configmap", "kept")
    kubectl(cloud, "wait", "--for=condition=Ready", "nodes", "--all", "--timeout=0")
    assert containers(cloud) == pods
    # Controllers, the scheduler and each node have to work for a new pod to run on each.
    cloud.run(["kubectl", "apply", "-f", "-"], text=on_each_node("probe"))
    kubectl(cloud, "rollout", "status", "daemonset/probe", f"--timeout={SECONDS:.0f}s")
    kubectl(cloud, "delete", "daemonset", "probe", "--cascade=foreground")
    assert containers(cloud) == pods


def test_the_dns_comes_back(cloud: Cloud) -> None:
    kill(cloud, DNS)
    name = ["getent", "hosts", "sts.eu-west-1.amazonaws.com"]
    eventually(lambda: "192.0.2.10" in cloud.world(name, check=False).stdout)
    said = cloud.localcloud("status", check=False).stdout.splitlines()
    assert "running  coredns  recovered: exited (-9)" in said
