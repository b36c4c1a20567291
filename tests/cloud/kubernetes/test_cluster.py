"""What a cluster of two nodes does once its records are real. No test takes anything away."""

import base64
import json
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.kubernetes.lab import ADDRESSES, EKS, NODES, TAINT, Lab, machine
from tests.cloud.waiting import eventually

WELCOME, IMAGE = "Welcome to nginx!", "localhost/nginx:stable"


def test_nodes_are_the_instances_of_the_group(lab: Lab) -> None:
    nodes = lab.get("nodes")
    assert [node["metadata"]["name"] for node in nodes] == list(NODES)
    ids = {"Name": "private-ip-address", "Values": list(ADDRESSES)}
    found = lab.ec2.describe_instances(Filters=[ids])["Reservations"]
    assert sorted(one["Instances"][0]["InstanceId"] for one in found) == sorted(lab.instances)
    for node, zone, instance in zip(nodes, "ab", lab.instances, strict=True):
        assert node["spec"]["providerID"] == f"aws:///eu-west-1{zone}/{instance}"
        wanted = {
            "topology.kubernetes.io/zone": f"eu-west-1{zone}",
            "topology.kubernetes.io/region": "eu-west-1",
            "node.kubernetes.io/instance-type": "t3.medium",
            "eks.amazonaws.com/nodegroup": "workers",
            "eks.amazonaws.com/capacityType": "ON_DEMAND",
            "team": "a",
        }
        assert wanted.items() <= node["metadata"]["labels"].items()
        assert node["spec"]["taints"] == [{**TAINT, "effect": "PreferNoSchedule"}]
        assert node["status"]["capacity"]["pods"] == "63"
        addresses = [(each["type"], each["address"]) for each in node["status"]["addresses"]]
        assert ("InternalDNS", node["metadata"]["name"]) in addresses


def test_a_node_without_an_instance_is_removed(lab: Lab) -> None:
    """As k8s.io/cloud-provider, controllers/nodelifecycle, deletes it."""
    no_pods = [{"key": "ghost", "effect": "NoSchedule"}]
    spec = {"providerID": "aws:///eu-west-1a/i-0123456789abcdef0", "taints": no_pods}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "ghost"}, "spec": spec}
    lab.kubectl("apply", "-f", "-", text=json.dumps(node))
    eventually(lambda: "NotFound" in lab.kubectl("get", "node", "ghost", check=False).stderr, 20)


def test_pods_reach_each_other_across_nodes(lab: Lab, pods: dict[str, str]) -> None:
    (first, first_ip), (second, second_ip) = pods.items()
    assert first_ip.startswith("10.0.1.")
    assert second_ip.startswith("10.0.2.")
    assert WELCOME in lab.in_pod(first, "wget", "-qO-", f"http://{second_ip}")
    assert WELCOME in lab.in_pod(second, "wget", "-qO-", f"http://{first_ip}")
    # Whoever is asked sees the pod itself: nothing on the way changes its address.
    eventually(lambda: f"{first_ip} - -" in lab.kubectl("logs", second).stdout, 5)


def test_logs_and_exec_go_through_the_api_server(lab: Lab, pod: str) -> None:
    assert lab.in_pod(pod, "echo", "hello") == "hello\n"
    assert "nginx" in lab.kubectl("logs", pod).stdout


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_kubelet_answers_nobody_else(lab: Lab, address: str) -> None:
    command = ["curl", "-sk", "-m3", "-o", "/dev/null", "-w", "%{http_code}"]
    node = lab.paths.clusters / "demo" / "nodes" / lab.instances[0]
    stranger = ("--cert", str(node / "kubelet.crt"), "--key", str(node / "kubelet.key"))
    for who, answer in (((), "401"), (stranger, "403")):
        asked = lab.inside(*command, *who, f"https://{address}:10250/pods", host=EKS)
        assert asked.stdout == answer
    read_only = lab.inside(*command, f"http://{address}:10255/pods", host=EKS, check=False)
    assert read_only.returncode == 7


def test_the_endpoint_is_true_on_the_machine_and_in_the_world(lab: Lab, tmp_path: Path) -> None:
    cluster, ca = lab.cluster(), tmp_path / "ca.crt"
    ca.write_bytes(base64.b64decode(cluster["certificateAuthority"]["data"]))
    command = ["curl", "-s", "-m3", "--cacert", str(ca), f"{cluster['endpoint']}/readyz"]
    assert lab.cloud.world(command).stdout == "ok"
    assert lab.cloud.run(command).stdout == "ok"


def test_a_strangers_token_is_no_one(lab: Lab) -> None:
    command = ["curl", "-sk", "-m5", "-H", "Authorization: Bearer stranger", "-w", "%{http_code}"]
    said = lab.cloud.world([*command, f"{lab.cluster()['endpoint']}/api/v1/nodes"]).stdout
    assert said.endswith("401")


def may(lab: Lab, policy: str, *what: str) -> bool:
    """Whether someone with an access policy may do something."""
    someone = ("--as=someone", f"--as-group=eks:policy:AmazonEKS{policy}")
    return lab.kubectl("auth", "can-i", *someone, *what, check=False).stdout.strip() == "yes"


@pytest.mark.parametrize(
    ("policy", "what", "granted"),
    [
        ("ViewPolicy", "list pods", True),
        ("ViewPolicy", "list secrets", False),
        ("EditPolicy", "delete pods", True),
        ("EditPolicy", "create roles", False),
        ("AdminPolicy", "create roles", True),
        ("AdminPolicy", "delete nodes", False),
        ("AdminViewPolicy", "list secrets", True),
        ("AdminViewPolicy", "delete pods", False),
        ("ClusterAdminPolicy", "delete nodes", True),
    ],
)
def test_a_policy_of_the_cluster_grants_what_it_says(
    lab: Lab, policy: str, what: str, granted: bool
) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html"""
    assert may(lab, policy, *what.split()) is granted


def test_a_policy_of_a_namespace_follows_entries_and_namespaces(lab: Lab) -> None:
    names = {"clusterName": "demo", "principalArn": lab.role("viewer", "ec2")}
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"

    def grant_view(*namespaces: str) -> None:
        scope = {"type": "namespace", "namespaces": namespaces}
        lab.eks.associate_access_policy(**names, policyArn=policy, accessScope=scope)

    def may_list(namespace: str, granted: str) -> bool:
        return may(lab, f"ViewPolicy:{granted}", "list", "pods", f"--namespace={namespace}")

    lab.eks.create_access_entry(**names)
    grant_view("default", "team-*")
    eventually(lambda: may_list("default", "default"), 5)
    assert not may_list("kube-system", "default")
    lab.kubectl("create", "namespace", "team-a")
    eventually(lambda: may_list("team-a", "team-*"), 5)
    grant_view("team-*")
    eventually(lambda: not may_list("default", "default"), 5)


def test_what_is_not_implemented_is_refused_by_name(lab: Lab) -> None:
    ports = [{"containerPort": 80, "hostPort": 80}]
    container = {"name": "x", "image": IMAGE, "ports": ports}
    pod = json.dumps({"spec": {"containers": [container]}})
    with pytest.raises(pytest.fail.Exception, match="hostPort is not implemented"):
        lab.kubectl("run", "x", f"--image={IMAGE}", f"--overrides={pod}")


def test_a_pod_gets_the_role_of_its_service_accounts_annotation(lab: Lab) -> None:
    def environment(account: str) -> dict[str, Any]:
        overrides = json.dumps({"spec": {"serviceAccountName": account}})
        run = ("run", "x", f"--image={IMAGE}", f"--overrides={overrides}", "--dry-run=server")
        pod = json.loads(lab.kubectl(*run, "-o", "json").stdout)
        return {each["name"]: each["value"] for each in pod["spec"]["containers"][0].get("env", [])}

    lab.kubectl("create", "serviceaccount", "app")
    lab.kubectl("annotate", "serviceaccount", "app", "eks.amazonaws.com/role-arn=arn:x")
    assert environment("app")["AWS_ROLE_ARN"] == "arn:x"
    assert environment("default") == {}


def test_a_service_account_that_is_gone_gives_a_pod_nothing(lab: Lab) -> None:
    pod = {"spec": {"serviceAccountName": "nobody", "containers": []}}
    request = {"uid": "u", "namespace": "default", "object": pod}
    review = json.dumps({"apiVersion": "admission.k8s.io/v1", "request": request})
    url = "http://192.0.2.10/_cloud/clusters/demo/mutate-pods"
    answer = json.loads(lab.inside("curl", "-s", "--data", review, url).stdout)
    assert answer["response"] == {"uid": "u", "allowed": True}


def test_the_machine_stays_as_it_is(lab: Lab) -> None:
    (pid,) = lab.kubelet(NODES[0])
    command = ["nsenter", f"--target={pid}", "--mount", "cat", "/proc/sys/kernel/panic_on_oops"]
    assert lab.cloud.run(command).stdout == "1\n"
    assert machine() == lab.before


def test_secrets_are_kept_encrypted(lab: Lab) -> None:
    lab.kubectl("create", "secret", "generic", "kept", "--from-literal=word=hush")
    lab.kubectl("create", "configmap", "told", "--from-literal=word=aloud")
    data = lab.paths.clusters / "demo" / "control-plane" / "etcd"
    stored = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert b"aloud" in stored
    assert b"hush" not in stored
    word = lab.get("secret", "kept")["data"]["word"]
    assert base64.b64decode(word) == b"hush"


def test_certificates_and_keys_are_their_owners_alone(lab: Lab) -> None:
    folder = lab.paths.clusters / "demo"
    assert folder.joinpath("control-plane").stat().st_mode & 0o077 == 0
    instance = lab.instances[0]
    node = folder / "nodes" / instance
    assert node.stat().st_mode & 0o077 == 0
    credentials = ConfigParser()
    credentials.read(node / "agent" / "credentials")
    sts = lab.cloud.client("sts", **credentials["default"])
    assert sts.get_caller_identity()["Arn"].endswith(f":assumed-role/node/{instance}")
    config = json.loads((node / "kubelet.kubeconfig").read_text())
    ca = config["clusters"][0]["cluster"]["certificate-authority-data"]
    assert base64.b64decode(ca).startswith(b"-----BEGIN CERTIFICATE")
