"""What a cluster of two nodes does once its records are real. No test takes anything away."""

import base64
import json
from pathlib import Path

import pytest

from tests.local.kubernetes.client import (
    ADDRESSES,
    INSTANCES,
    NODES,
    LabClient,
    LabError,
    MachineState,
    eventually,
)

WELCOME = "Welcome to nginx!"


def test_nodes_are_the_instances_of_the_group(lab: LabClient) -> None:
    nodes = lab.get("nodes")["items"]
    assert [node["metadata"]["name"] for node in nodes] == list(NODES)
    for node, zone, instance in zip(nodes, "ab", INSTANCES, strict=True):
        assert node["spec"]["providerID"] == f"aws:///eu-west-1{zone}/{instance}"
        wanted = {
            "topology.kubernetes.io/zone": f"eu-west-1{zone}",
            "node.kubernetes.io/instance-type": "t3.medium",
            "eks.amazonaws.com/nodegroup": "workers",
            "eks.amazonaws.com/capacityType": "ON_DEMAND",
        }
        assert wanted.items() <= node["metadata"]["labels"].items()
        assert node["status"]["capacity"]["pods"] == "15"


def test_pods_reach_each_other_across_nodes(lab: LabClient, pods: dict[str, str]) -> None:
    (first, first_ip), (second, second_ip) = pods.items()
    assert first_ip.startswith("10.0.1.")
    assert second_ip.startswith("10.0.2.")
    assert WELCOME in lab.in_pod(first, "wget", "-qO-", f"http://{second_ip}")
    assert WELCOME in lab.in_pod(second, "wget", "-qO-", f"http://{first_ip}")
    # Whoever is asked sees the pod itself: nothing on the way changes its address.
    assert eventually(lambda: f"{first_ip} - -" in lab.kubectl("logs", second).stdout, 5)


def test_a_service_answers_by_its_name(lab: LabClient, pods: dict[str, str]) -> None:
    for pod in pods:
        assert WELCOME in lab.in_pod(pod, "wget", "-qO-", "http://web.default.svc")


def test_an_external_name_is_a_cname_of_the_clusters_dns(
    lab: LabClient, pods: dict[str, str]
) -> None:
    name = "google-service.default.svc.cluster.local"
    answer = lab.in_pod(next(iter(pods)), "nslookup", "-type=cname", name)
    assert f"{name}\tcanonical name = google.com" in answer


def test_a_node_port_answers_on_every_node(lab: LabClient) -> None:
    for address in ADDRESSES:
        url = f"http://{address}:30080/"
        assert WELCOME in lab.inside("curl", "-s", "-m3", url, host="world").stdout


def test_logs_and_exec_go_through_the_api_server(lab: LabClient, pods: dict[str, str]) -> None:
    pod = next(iter(pods))
    assert lab.in_pod(pod, "echo", "hello") == "hello\n"
    assert "nginx" in lab.kubectl("logs", pod).stdout


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_kubelet_answers_nobody_else(lab: LabClient, address: str) -> None:
    command = ["curl", "-sk", "-m3", "-o", "/dev/null", "-w", "%{http_code}"]
    asked = lab.inside(*command, f"https://{address}:10250/pods", host="world")
    assert asked.stdout == "401"


def test_the_endpoint_is_true_on_the_machine_and_in_the_world(lab: LabClient, home: Path) -> None:
    [(_, endpoint, ca_pem)] = lab.ask("told", "cluster_ready")
    (home / "ca.crt").write_text(ca_pem)
    command = ["curl", "-s", "-m3", "--cacert", str(home / "ca.crt"), f"{endpoint}/readyz"]
    assert lab.inside(*command, host="world").stdout == "ok"
    assert lab.on_host(*command) == "ok"


def test_a_strangers_token_is_no_one(lab: LabClient) -> None:
    [(_, endpoint, _)] = lab.ask("told", "cluster_ready")
    command = ["curl", "-sk", "-m5", "-H", "Authorization: Bearer stranger", "-w", "%{http_code}"]
    said = lab.inside(*command, f"{endpoint}/api/v1/nodes", host="world").stdout
    assert said.endswith("401")


def test_a_policy_of_the_cluster_grants_what_it_says(lab: LabClient) -> None:
    def may(policy: str, *what: str) -> bool:
        group = f"--as-group=eks:policy:{policy}"
        said = lab.kubectl("auth", "can-i", "--as=someone", group, *what, check=False)
        return said.stdout.strip() == "yes"

    assert may("AmazonEKSViewPolicy", "list", "pods")
    assert not may("AmazonEKSViewPolicy", "list", "secrets")
    assert may("AmazonEKSAdminViewPolicy", "list", "secrets")
    assert not may("AmazonEKSAdminViewPolicy", "delete", "pods")
    assert may("AmazonEKSClusterAdminPolicy", "delete", "nodes")


def test_a_policy_of_a_namespace_follows_entries_and_namespaces(lab: LabClient) -> None:
    def may(namespace: str, group: str) -> bool:
        said = lab.kubectl(
            "auth", "can-i", "list", "pods", f"--namespace={namespace}", "--as=someone",
            f"--as-group=eks:policy:AmazonEKSViewPolicy:{group}", check=False,
        )  # fmt: skip
        return said.stdout.strip() == "yes"

    lab.ask("grant_view", "default", "team-*")
    assert eventually(lambda: may("default", "default"), 5)
    assert not may("kube-system", "default")
    lab.kubectl("create", "namespace", "team-a")
    assert eventually(lambda: may("team-a", "team-*"), 5)
    lab.ask("grant_view", "team-*")
    assert eventually(lambda: not may("default", "default"), 5)


def test_what_is_not_implemented_is_refused_by_name(lab: LabClient) -> None:
    ports = [{"containerPort": 80, "hostPort": 80}]
    container = {"name": "x", "image": "localhost/nginx:stable", "ports": ports}
    pod = json.dumps({"spec": {"containers": [container]}})
    with pytest.raises(LabError, match="hostPort is not implemented"):
        lab.kubectl("run", "x", "--image=localhost/nginx:stable", f"--overrides={pod}")
    with pytest.raises(LabError, match="classic load balancers are not implemented"):
        lab.kubectl("create", "service", "loadbalancer", "x", "--tcp=80")


def test_a_service_account_is_read_for_the_webhook(lab: LabClient) -> None:
    lab.kubectl("create", "serviceaccount", "app")
    lab.kubectl("annotate", "serviceaccount", "app", "eks.amazonaws.com/role-arn=arn:x")
    assert lab.ask("annotations", "default", "app") == {"eks.amazonaws.com/role-arn": "arn:x"}
    with pytest.raises(LabError, match="no service account default/nobody"):
        lab.ask("annotations", "default", "nobody")


def test_the_machine_stays_as_it_is(lab: LabClient) -> None:
    seen = lab.in_mounts_of(f"{INSTANCES[0]}-kubelet", "cat", "/proc/sys/kernel/panic_on_oops")
    assert seen == "1\n"
    assert MachineState.now() == lab.before


def test_secrets_are_kept_encrypted(lab: LabClient) -> None:
    lab.kubectl("create", "secret", "generic", "kept", "--from-literal=word=hush")
    lab.kubectl("create", "configmap", "told", "--from-literal=word=aloud")
    data = lab.paths.clusters / "demo" / "control-plane" / "etcd"
    stored = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert b"aloud" in stored
    assert b"hush" not in stored
    word = lab.kubectl("get", "secret", "kept", "-o", "jsonpath={.data.word}").stdout
    assert base64.b64decode(word) == b"hush"


def test_certificates_and_keys_are_their_owners_alone(lab: LabClient) -> None:
    folder = lab.paths.clusters / "demo"
    assert folder.joinpath("control-plane").stat().st_mode & 0o077 == 0
    node = folder / "nodes" / INSTANCES[0]
    assert node.stat().st_mode & 0o077 == 0
    assert b"AKIDLAB" in (node / "agent" / "credentials").read_bytes()
    config = json.loads((node / "kubelet.kubeconfig").read_text())
    ca = config["clusters"][0]["cluster"]["certificate-authority-data"]
    assert base64.b64decode(ca).startswith(b"-----BEGIN CERTIFICATE")
