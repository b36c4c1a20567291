"""What is taken from a cluster is felt, and told. The tests of this file go from top to bottom."""

from localcloud.supervisor import LOOPING, STABLE
from tests.local.kubernetes.client import (
    ADDRESSES,
    EKS,
    INSTANCES,
    LabClient,
    eventually,
)


def _ready(lab: LabClient) -> list[str]:
    nodes = lab.get("nodes")["items"]
    return [
        condition["status"]
        for node in nodes
        for condition in node["status"]["conditions"]
        if condition["type"] == "Ready"
    ]


def _node_port_answers(lab: LabClient, address: str) -> bool:
    url = f"http://{address}:30080/"
    return lab.inside("curl", "-s", "-m1", url, host="world", check=False).returncode == 0


def test_labels_and_taints_of_the_group_reach_its_nodes(lab: LabClient) -> None:
    lab.ask("update_nodegroup", {"team": "b"}, [["only", "us", "PREFER_NO_SCHEDULE"]])
    for node in lab.get("nodes")["items"]:
        assert node["metadata"]["labels"]["team"] == "b"
        assert node["metadata"]["labels"]["eks.amazonaws.com/nodegroup"] == "workers"
        taint = {"key": "only", "value": "us", "effect": "PreferNoSchedule"}
        assert node["spec"]["taints"] == [taint]
    lab.ask("update_nodegroup", {}, [])
    for node in lab.get("nodes")["items"]:
        assert "team" not in node["metadata"]["labels"]
        assert "taints" not in node["spec"]


def test_without_public_access_only_the_vpc_reaches_the_endpoint(lab: LabClient) -> None:
    [(_, before, _)] = lab.ask("told", "cluster_ready")
    assert lab.ask("set_public_access", False) == "https://10.0.1.4"
    assert lab.inside("curl", "-sk", "-m2", before, host="world", check=False).returncode == 7
    private = ["curl", "-sk", "-m2", "https://10.0.1.4/readyz"]
    assert lab.inside(*private, host=INSTANCES[0]).stdout == "ok"
    assert lab.ask("set_public_access", True).startswith("https://127.0.0.1:")


def test_without_coredns_names_are_unknown(lab: LabClient, pods: dict[str, str]) -> None:
    pod = next(iter(pods))
    lab.ask("delete_addon", "coredns")
    assert "coredns" not in lab.kubectl("get", "deployments,services", "-n", "kube-system").stdout
    lookup = ["nslookup", "web.default.svc.cluster.local"]
    assert eventually(lambda: "Name:" not in lab.in_pod(pod, *lookup, check=False))


def test_coredns_comes_back_with_its_configuration(lab: LabClient, pods: dict[str, str]) -> None:
    lab.ask("create_addon", "coredns", {"replicaCount": 1, "podLabels": {"team": "dns"}})
    lab.ask("await_addon", "coredns")
    found = lab.get("deployment", "coredns", "-n", "kube-system")
    assert found["status"]["availableReplicas"] == 1
    assert found["spec"]["template"]["metadata"]["labels"]["team"] == "dns"
    pod = next(iter(pods))
    lookup = ["nslookup", "web.default.svc.cluster.local"]
    assert eventually(lambda: "Name:" in lab.in_pod(pod, *lookup, check=False))


def test_without_kube_proxy_services_do_not_answer(lab: LabClient) -> None:
    assert all(_node_port_answers(lab, address) for address in ADDRESSES)
    lab.ask("delete_addon", "kube-proxy")
    assert not any(_node_port_answers(lab, address) for address in ADDRESSES)
    assert f"{INSTANCES[0]}-kube-proxy" not in lab.ask("processes")
    lab.ask("create_addon", "kube-proxy", {})
    lab.ask("await_addon", "kube-proxy")
    assert eventually(lambda: all(_node_port_answers(lab, address) for address in ADDRESSES))


def test_without_the_agent_its_address_is_gone(lab: LabClient) -> None:
    def answers() -> bool:
        command = ["curl", "-s", "-m1", "http://169.254.170.23/v1/credentials"]
        return lab.inside(*command, host=INSTANCES[0], check=False).returncode == 0

    def addresses() -> str:
        return lab.inside("ip", "address", "show", "lo", host=INSTANCES[0]).stdout

    assert answers()
    assert "169.254.170.23/32" in addresses()
    lab.ask("delete_addon", "eks-pod-identity-agent")
    assert eventually(lambda: not answers())
    assert "169.254.170.23/32" not in addresses()
    assert "No resources" in lab.kubectl("get", "daemonsets", "-n", "kube-system").stderr


def test_a_kubelet_that_ends_again_and_again_fails_its_group_until_it_stays(
    lab: LabClient,
) -> None:
    name = f"{INSTANCES[1]}-kubelet"
    killed: set[int] = set()
    while not lab.ask("told", "nodegroup_failed"):
        pid = lab.ask("processes")[name]
        if pid and pid not in killed:
            killed.add(pid)
            lab.inside("kill", "-KILL", str(pid))
    assert len(killed) == LOOPING
    [(_, group, reason)] = lab.ask("told", "nodegroup_failed")
    assert group == "workers"
    assert reason.startswith(f"{name} exited {LOOPING} times in a row (-9):")
    before = len(lab.ask("told", "nodegroup_ready"))
    assert eventually(lambda: len(lab.ask("told", "nodegroup_ready")) > before, STABLE + 5)


def test_without_the_vpc_cni_nodes_are_not_ready(lab: LabClient) -> None:
    assert _ready(lab) == ["True", "True"]
    lab.ask("delete_addon", "vpc-cni")
    assert eventually(lambda: _ready(lab) == ["False", "False"], 30)


def test_a_deleted_group_leaves_nothing(lab: LabClient) -> None:
    cgroups = [path for path in _cgroups(lab) if INSTANCES[0] in path]
    assert cgroups
    assert "nginx: worker" in lab.inside("ps", "-ef").stdout
    lab.ask("delete_nodegroup")
    assert "No resources" in lab.kubectl("get", "nodes").stderr
    left = lab.inside("ps", "-ef").stdout
    assert not [name for name in ("kubelet", "containerd", "nginx", "/pause") if name in left]
    assert not [path for path in _cgroups(lab) if INSTANCES[0] in path]
    assert not list((lab.paths.clusters / "demo" / "nodes").iterdir())


def _cgroups(lab: LabClient) -> list[str]:
    found = lab.inside("find", "/sys/fs/cgroup", "-type", "d", "-path", f"*{lab.paths.cgroup}*")
    return found.stdout.split()


def test_a_deleted_cluster_leaves_nothing(lab: LabClient) -> None:
    lab.ask("delete_cluster")
    left = lab.inside("ps", "-ef").stdout
    assert not [name for name in ("etcd", "kube-") if name in left]
    assert (
        lab.inside("curl", "-sk", "-m1", "https://10.0.1.4", host=EKS, check=False).returncode == 7
    )
    assert not (lab.paths.clusters / "demo" / "control-plane").exists()
