"""What our program relies on in the official Kubernetes provider, on a real cluster."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cloud.conftest import CHECKOUT, STACK, Cloud
from tests.cloud.project import Project
from tests.cloud.test_stack import all_hold
from tests.cloud.waiting import eventually

DEPLOYMENT = """
import pulumi
from pulumi_kubernetes import apps, core

namespace = core.v1.Namespace("namespace", metadata={"name": "killed"})
labels = {"app": "web"}
container = {
    "name": "nginx",
    "image": "localhost/nginx:stable",
    "imagePullPolicy": "IfNotPresent",
    "readinessProbe": {"tcpSocket": {"port": 80}, "initialDelaySeconds": 3},
}
apps.v1.Deployment(
    "web",
    metadata={"name": "web", "namespace": namespace.metadata.name},
    spec={
        "selector": {"match_labels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    },
)
"""
SECRET = """
import pulumi
from pulumi_kubernetes import core

password = pulumi.Output.secret("correct horse")
core.v1.Secret("secret", metadata={"namespace": "default"}, string_data={"password": password})
"""
# A class that no controller serves: what a LoadBalancer Service is when its controller is down.
UNSERVED = f"""
import sys
sys.path.insert(0, {str(CHECKOUT)!r})

import pulumi
from components.load_balancer_status import WAIT_FOR_HOSTNAME, load_balancer_hostname
from pulumi_kubernetes import core

service = core.v1.Service(
    "service",
    metadata={{"name": "unserved", "namespace": "default", "annotations": WAIT_FOR_HOSTNAME}},
    spec={{
        "type": "LoadBalancer",
        "load_balancer_class": "example.com/unserved",
        "ports": [{{"port": 80}}],
    }},
    opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="2s", update="2s")),
)
hostname = load_balancer_hostname(service.status)
core.v1.ConfigMap("name", metadata={{"namespace": "default"}}, data={{"hostname": hostname}})
"""


@pytest.fixture
def project(cloud: Cloud, tmp_path: Path) -> Iterator[Project]:
    project = Project(cloud, tmp_path, "kubernetes")
    yield project
    project.remove()


def test_a_secret_is_secret_in_the_state(project: Project) -> None:
    project.program(SECRET)
    project.up()
    state = project.state("kubernetes:core/v1:Secret")
    assert "ciphertext" in json.dumps(state["inputs"])
    assert "correct horse" not in json.dumps(state)
    assert "Y29ycmVjdCBob3JzZQ" not in json.dumps(state)  # the same in base64
    project.up("--expect-no-changes")


def test_the_clusters_credentials_are_secret_in_the_state(cloud: Cloud) -> None:
    named = {each["urn"].rpartition("::")[2]: each for each in cloud.resources()}
    assert "ciphertext" in named["cluster-kubernetes"]["inputs"]["kubeconfig"]


def test_an_up_that_was_killed_goes_on_with_the_next(project: Project) -> None:
    """Kubernetes objects have names of their own, so the next up finds and takes them."""
    project.program(DEPLOYMENT)
    command = ["kubectl", "get", "pods", "-n", "killed", "-o", "name"]
    project.killed_up(lambda: "pod/" in project.cloud.run(command, check=False).stdout)
    project.up()
    assert "1/1" in project.cloud.run(["kubectl", "get", "deployments", "-n", "killed"]).stdout
    project.up("--expect-no-changes")


def test_after_a_failed_wait_for_a_host_name_previews_and_ups_work(project: Project) -> None:
    project.program(UNSERVED)
    assert "status.loadBalancer" in project.up(fails=True)
    assert "+ 1 to create" in project.pulumi("preview")  # the ConfigMap, its name unknown
    command = ["kubectl", "patch", "service", "unserved", "--subresource", "status", "--patch"]
    status = {"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}}
    project.cloud.run([*command, json.dumps(status)])
    project.up()
    state = project.state("kubernetes:core/v1:ConfigMap")
    assert state["outputs"]["data"] == {"hostname": "lb.example.com"}


def installed(cloud: Cloud) -> dict[str, str]:
    """The only Helm release."""
    (release,) = json.loads(cloud.run(["helm", "list", "-A", "-o", "json"]).stdout)
    return dict(release)


def test_the_controllers_release_is_replaced(cloud: Cloud) -> None:
    kind = "kubernetes:helm.sh/v3:Release"
    (release,) = [each for each in cloud.resources() if each["type"] == kind]
    before, first = cloud.outputs(), installed(cloud)
    cloud.pulumi("up", "--yes", "--skip-preview", "--replace", release["urn"])
    second = installed(cloud)
    assert (second["revision"], second["status"]) == ("1", "deployed")
    assert second["updated"] > first["updated"]
    assert cloud.outputs() == before
    cloud.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def pods_by_node(cloud: Cloud) -> dict[str, list[str]]:
    """The phases of the pods on each node, also on those that are gone."""
    found: dict[str, list[str]] = {}
    for pod in json.loads(cloud.run(["kubectl", "get", "pods", "-A", "-o", "json"]).stdout)[
        "items"
    ]:
        found.setdefault(pod["spec"].get("nodeName", ""), []).append(pod["status"]["phase"])
    return found


def nodes(cloud: Cloud) -> set[str]:
    return set(cloud.run(["kubectl", "get", "nodes", "-o", "name"]).stdout.split())


def nothing_is_on_another_node(cloud: Cloud) -> bool:
    """Whether every pod runs, or is about to, on a node that there is."""
    placed = pods_by_node(cloud)
    running = all(phase == "Running" for phases in placed.values() for phase in phases)
    return running and {f"node/{name}" for name in placed} == nodes(cloud)


def test_a_node_that_is_scaled_away_is_drained(cloud: Cloud) -> None:
    """EKS "automatically drains nodes using the Kubernetes API during terminations"
    (docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html)."""
    before, name, eks = nodes(cloud), cloud.outputs()["cluster_name"], ["aws", "eks"]
    listed = [*eks, "list-nodegroups", "--cluster-name", name, "--output", "text"]
    group = cloud.run([*listed, "--query", "nodegroups[0]"]).stdout.strip()
    names = ["--cluster-name", name, "--nodegroup-name", group]
    budget = ["pdb", "all", "--namespace", cloud.outputs()["namespace"]]

    def scale(size: int) -> None:
        sizes = f"minSize={size},desiredSize={size}"
        cloud.run([*eks, "update-nodegroup-config", *names, "--scaling-config", sizes])
        describe = [*eks, "describe-nodegroup", *names, "--query", "nodegroup.status"]
        eventually(lambda: cloud.run(describe).stdout == '"ACTIVE"\n', 30)

    everything = ["--selector", "pod-template-hash", "--min-available", "100%"]
    cloud.run(["kubectl", "create", *budget, *everything])
    scale(len(before) - 1)
    cordoned = ["kubectl", "get", "nodes", "--field-selector", "spec.unschedulable=true"]
    eventually(lambda: cloud.run(cordoned).stdout != "")
    assert nodes(cloud) == before  # it waits for what the budget keeps on it
    cloud.run(["kubectl", "delete", *budget])
    eventually(lambda: len(nodes(cloud)) == len(before) - 1)
    eventually(lambda: nothing_is_on_another_node(cloud))
    scale(len(before))
    assert len(nodes(cloud)) == len(before)


def test_nodes_are_replaced_and_the_stack_still_goes(cloud: Cloud) -> None:
    """The old ones are drained first (docs.aws.amazon.com/eks/latest/userguide/
    delete-managed-node-group.html); the controller then lets targets go that drain already."""
    before = nodes(cloud)
    state = json.loads(cloud.pulumi("stack", "export").stdout)["deployment"]["resources"]
    (group,) = [each for each in state if each["type"] == "aws:eks/nodeGroup:NodeGroup"]
    cloud.pulumi("up", "--yes", "--skip-preview", "--replace", group["urn"])
    assert not nodes(cloud) & before
    eventually(lambda: nothing_is_on_another_node(cloud), 10)
    assert all_hold(cloud)
    cloud.pulumi("destroy", "--yes", "--skip-preview")
    cloud.pulumi("up", "--yes", "--skip-preview")
    assert all_hold(cloud)


def test_another_scheme_is_in_force_after_one_up(cloud: Cloud, tmp_path: Path) -> None:
    """Without a replacement `up` exports, and leaves in DNS, the former load balancer's name."""
    settings = yaml.safe_load((CHECKOUT / f"Pulumi.{STACK}.yaml").read_text())
    settings["config"]["eks-service-types:load-balancer-scheme"] = "internal"
    changed = tmp_path / f"Pulumi.{STACK}.yaml"
    changed.write_text(yaml.safe_dump(settings))
    before = cloud.outputs()["load_balancer_hostname"]
    up = ("up", "--yes", "--skip-preview")
    cloud.pulumi(*up, "--config-file", str(changed))
    balancers = ["aws", "elbv2", "describe-load-balancers", "--output", "text", "--query"]
    internal = [*balancers, "LoadBalancers[?Scheme=='internal'].DNSName"]
    after = cloud.outputs()["load_balancer_hostname"]
    assert cloud.run(internal).stdout.split() == [after] != [before]
    assert all_hold(cloud)
    cloud.pulumi(*up)
    assert cloud.run(internal).stdout.split() == []
    assert all_hold(cloud)
