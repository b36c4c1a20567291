"""What is changed or taken away is felt. These tests go from top to bottom, after test_cluster."""

import json
import os
import signal
from collections.abc import Callable
from typing import Any

from localcloud.supervisor import LOOPING, STABLE
from tests.cloud.conftest import processes_of
from tests.cloud.kubernetes.lab import ADDRESSES, EKS, GROUP, NODES, TAINT, Lab
from tests.cloud.waiting import eventually

TIMED_OUT = 28  # of curl


def test_labels_and_taints_of_the_group_reach_its_nodes(lab: Lab) -> None:
    def update(**changes: Any) -> list[Any]:
        lab.eks.update_nodegroup_config(**GROUP, **changes)
        lab.await_nodegroup()
        return list(lab.get("nodes"))

    given = {**TAINT, "value": "others"}
    taints = {"addOrUpdateTaints": [given]}
    for node in update(labels={"addOrUpdateLabels": {"team": "b"}}, taints=taints):
        assert node["metadata"]["labels"]["team"] == "b"
        assert node["metadata"]["labels"]["eks.amazonaws.com/nodegroup"] == "workers"
        assert node["spec"]["taints"] == [{**given, "effect": "PreferNoSchedule"}]
    for node in update(labels={"removeLabels": ["team"]}, taints={"removeTaints": [given]}):
        assert "team" not in node["metadata"]["labels"]
        assert "taints" not in node["spec"]


def test_without_public_access_only_the_vpc_reaches_the_endpoint(lab: Lab) -> None:
    def endpoint(public: bool, **access: Any) -> str:
        access["endpointPublicAccess"] = public
        lab.eks.update_cluster_config(name="demo", resourcesVpcConfig=access)
        eventually(lambda: bool(lab.cluster()["status"] == "ACTIVE"))
        return str(lab.cluster()["endpoint"])

    before = lab.cluster()["endpoint"]
    assert endpoint(public=False) == "https://10.0.1.4"
    for run in (lab.cloud.world, lab.cloud.run):
        assert run(["curl", "-sk", "-m2", before], check=False).returncode == 7
    private = ["curl", "-sk", "-m2", "https://10.0.1.4/readyz"]
    assert lab.inside(*private, host=lab.instances[0]).stdout == "ok"
    # The endpoint admits the world's address, and not this machine's.
    url = endpoint(public=True, publicAccessCidrs=["198.18.0.10/32"])
    curl = ["curl", "-sk", "-m2", f"{url}/readyz"]
    assert lab.cloud.world(curl).stdout == "ok"
    assert lab.cloud.run(curl, check=False).returncode == TIMED_OUT
    assert endpoint(public=True, publicAccessCidrs=["0.0.0.0/0"]) == url
    assert lab.cloud.run(curl).stdout == "ok"


def resolves(lab: Lab, pod: str) -> bool:
    lookup = ["nslookup", "web.default.svc.cluster.local"]
    return "Name:" in lab.in_pod(pod, *lookup, check=False)


def test_without_coredns_names_are_unknown(lab: Lab, pod: str) -> None:
    assert resolves(lab, pod)
    lab.delete_addon("coredns")
    assert "coredns" not in lab.kubectl("get", "deployments,services", "-n", "kube-system").stdout
    eventually(lambda: not resolves(lab, pod))


def test_coredns_comes_back_with_its_configuration(lab: Lab, pod: str) -> None:
    lab.create_addon("coredns", replicaCount=1, podLabels={"team": "dns"})
    lab.await_addon("coredns")
    found = lab.get("deployment", "coredns", "-n", "kube-system")
    assert found["status"]["availableReplicas"] == 1
    assert found["spec"]["template"]["metadata"]["labels"]["team"] == "dns"
    eventually(lambda: resolves(lab, pod))


def test_an_add_on_with_objects_that_kubernetes_refuses_fails_until_it_is_updated(lab: Lab) -> None:
    """docs.aws.amazon.com/eks/latest/APIReference/API_AddonIssue.html."""
    names = {"clusterName": "demo", "addonName": "coredns"}

    def update(**values: object) -> None:
        lab.eks.update_addon(**names, configurationValues=json.dumps(values))

    def failed() -> bool:
        return bool(lab.eks.describe_addon(**names)["addon"]["status"] == "UPDATE_FAILED")

    much: dict[str, object] = {"limits": {"memory": "much"}}
    for values in ({"replicaCount": -1}, {"corefile": 5}, {"resources": much}):
        update(**values)
        eventually(failed)
        [issue] = lab.eks.describe_addon(**names)["addon"]["health"]["issues"]
        assert issue["code"] == "InternalFailure"
    update(replicaCount=1)
    lab.await_addon("coredns")


def test_without_kube_proxy_services_do_not_answer(lab: Lab) -> None:
    def answers(address: str) -> bool:
        command = ["curl", "-s", "-m1", f"http://{address}:30080/"]
        return lab.inside(*command, host=EKS, check=False).returncode == 0

    assert all(map(answers, ADDRESSES))
    lab.delete_addon("kube-proxy")
    assert not any(map(answers, ADDRESSES))
    assert processes_of(lab.cloud, "/kube-proxy --config") == []
    lab.create_addon("kube-proxy")
    lab.await_addon("kube-proxy")
    eventually(lambda: all(map(answers, ADDRESSES)))


def test_without_the_agent_its_address_is_gone(lab: Lab) -> None:
    node = lab.instances[0]

    def answers() -> bool:
        command = ["curl", "-s", "-m1", "http://169.254.170.23/v1/credentials"]
        return lab.inside(*command, host=node, check=False).returncode == 0

    def addresses() -> str:
        return lab.inside("ip", "address", "show", "lo", host=node).stdout

    assert answers()
    assert "169.254.170.23/32" in addresses()
    lab.delete_addon("eks-pod-identity-agent")
    eventually(lambda: not answers())
    assert "169.254.170.23/32" not in addresses()
    assert "No resources" in lab.kubectl("get", "daemonsets", "-n", "kube-system").stderr


def loop(lab: Lab, words: str, described: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Kill a program again and again, until that is an issue."""
    killed: set[int] = set()
    while not (issues := described()["health"]["issues"]):
        for pid in set(processes_of(lab.cloud, words)) - killed:
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)
        assert len(killed) <= LOOPING
    assert len(killed) == LOOPING
    [issue] = issues
    return dict(issue)


def test_programs_that_end_again_and_again_are_issues_until_they_stay(lab: Lab) -> None:
    """As ClusterHealth of the EKS API: API_ClusterHealth.html, API_ClusterIssue.html."""
    issue = loop(lab, "/kube-scheduler --", lab.cluster)
    assert issue["message"].startswith(f"demo-kube-scheduler exited {LOOPING} times in a row (-9):")
    name = f"{lab.instances[1]}-kubelet"
    issue = loop(lab, f"--hostname-override={NODES[1]}", lab.nodegroup)
    assert issue["code"] == "NodeCreationFailure"
    assert issue["message"].startswith(f"{name} exited {LOOPING} times in a row (-9):")
    assert lab.nodegroup()["status"] == "DEGRADED"
    told = lab.cloud.localcloud("status", check=False)
    assert (told.returncode, f"failing  {name}  exited {LOOPING} times" in told.stdout) == (1, True)
    lab.await_nodegroup(STABLE + 5)
    eventually(lambda: bool(lab.cluster()["health"]["issues"] == []))
    assert f"running  {name}  " in lab.cloud.localcloud("status").stdout


def test_the_node_of_a_terminated_instance_leaves_and_another_comes(lab: Lab) -> None:
    gone, stays = lab.instances
    lab.ec2.terminate_instances(InstanceIds=[gone])
    eventually(lambda: gone not in lab.instances)
    lab.await_nodegroup()
    eventually(lambda: len(lab.instances) == 2 and stays in lab.instances)


def test_without_the_vpc_cni_nodes_are_not_ready(lab: Lab) -> None:
    def ready() -> list[str]:
        conditions = [each for node in lab.get("nodes") for each in node["status"]["conditions"]]
        return [each["status"] for each in conditions if each["type"] == "Ready"]

    assert ready() == ["True", "True"]
    lab.delete_addon("vpc-cni")
    eventually(lambda: ready() == ["False", "False"], 30)


def running(lab: Lab, *words: str) -> list[str]:
    """The command lines, in the lab, that have one of these words; those that ended have none."""
    lines = lab.inside("ps", "-eo", "stat=,args=").stdout.splitlines()
    alive = [line for line in lines if not line.startswith("Z")]
    return [line for line in alive if any(word in line for word in words)]


def test_a_deleted_group_leaves_nothing(lab: Lab) -> None:
    node = lab.instances[0]

    def cgroups() -> list[str]:
        path = f"*{lab.paths.cgroup}*{node}*"
        return lab.inside("find", "/sys/fs/cgroup", "-type", "d", "-path", path).stdout.split()

    assert cgroups()
    assert running(lab, "nginx: worker")
    lab.eks.delete_nodegroup(**GROUP)
    eventually(lambda: bool(lab.eks.list_nodegroups(clusterName="demo")["nodegroups"] == []))
    assert "No resources" in lab.kubectl("get", "nodes").stderr
    # With a space: the API server has arguments that begin with "--kubelet".
    assert running(lab, "/kubelet ", "/containerd", "nginx", "/pause") == []
    assert cgroups() == []
    assert not list((lab.paths.clusters / "demo" / "nodes").iterdir())


def test_a_deleted_cluster_leaves_nothing(lab: Lab) -> None:
    endpoint = lab.cluster()["endpoint"]
    lab.eks.delete_cluster(name="demo")
    eventually(lambda: bool(lab.eks.list_clusters()["clusters"] == []))
    assert running(lab, "etcd", "kube-") == []
    assert lab.cloud.run(["curl", "-sk", "-m1", endpoint], check=False).returncode == 7
    eventually(lambda: EKS not in lab.inside("ls", "/run/netns").stdout)
    assert not (lab.paths.clusters / "demo" / "control-plane").exists()
