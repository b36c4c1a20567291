"""What our program relies on in the official Kubernetes provider, on a real cluster."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud.conftest import CHECKOUT, Cloud
from tests.cloud.test_stack import all_hold, configured
from tests.cloud.waiting import eventually
from tests.engine import Project

UP = ("up", "--yes", "--skip-preview")
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
    project = Project(tmp_path, "kubernetes", cloud.environment)
    yield project
    project.destroy()
    project.pulumi("stack", "rm", "--yes")


def test_a_secret_is_secret_in_the_state(project: Project) -> None:
    project.program(SECRET)
    project.up()
    (secret,) = project.resources("kubernetes:core/v1:Secret")
    assert "ciphertext" in json.dumps(secret["inputs"])
    assert "correct horse" not in json.dumps(secret)
    assert "Y29ycmVjdCBob3JzZQ" not in json.dumps(secret)  # the same in base64
    project.up("--expect-no-changes")


def test_the_clusters_credentials_are_secret_in_the_state(cloud: Cloud) -> None:
    named = {each["urn"].rpartition("::")[2]: each for each in cloud.resources()}
    assert "ciphertext" in named["cluster-kubernetes"]["inputs"]["kubeconfig"]


def test_an_up_that_was_killed_goes_on_with_the_next(cloud: Cloud, project: Project) -> None:
    """Kubernetes objects have names of their own, so the next up finds and takes them."""
    project.program(DEPLOYMENT)
    pods = ["kubectl", "get", "pods", "-n", "killed", "-o", "name"]
    with project.start("up", "--yes", "--skip-preview") as engine:
        eventually(lambda: "pod/" in cloud.run(pods, check=False).stdout, 60)
        assert engine.poll() is None
        engine.kill()
    project.pulumi("cancel", "--yes")
    project.up()
    assert "1/1" in cloud.run(["kubectl", "get", "deployments", "-n", "killed"]).stdout
    project.up("--expect-no-changes")


def test_after_a_failed_wait_for_a_host_name_previews_and_ups_work(
    cloud: Cloud, project: Project
) -> None:
    project.program(UNSERVED)
    assert "status.loadBalancer" in project.up(fails=True)
    assert "+ 1 to create" in project.pulumi("preview")  # the ConfigMap, its name unknown
    command = ["kubectl", "patch", "service", "unserved", "--subresource", "status", "--patch"]
    status = {"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}}
    cloud.run([*command, json.dumps(status)])
    project.up()
    (named,) = project.resources("kubernetes:core/v1:ConfigMap")
    assert named["outputs"]["data"] == {"hostname": "lb.example.com"}


def replace(cloud: Cloud, kind: str) -> None:
    """Replace the stack's only resource of a type."""
    (found,) = [each for each in cloud.resources() if each["type"] == kind]
    cloud.pulumi(*UP, "--replace", found["urn"])


def test_the_controllers_release_is_replaced(cloud: Cloud) -> None:
    def installed() -> dict[str, str]:
        (release,) = json.loads(cloud.run(["helm", "list", "-A", "-o", "json"]).stdout)
        return dict(release)

    before, first = cloud.outputs(), installed()
    replace(cloud, "kubernetes:helm.sh/v3:Release")
    second = installed()
    assert (second["revision"], second["status"]) == ("1", "deployed")
    assert second["updated"] > first["updated"]
    assert cloud.outputs() == before
    cloud.pulumi(*UP, "--expect-no-changes")


def nodes(cloud: Cloud) -> set[str]:
    return set(cloud.run(["kubectl", "get", "nodes", "-o", "name"]).stdout.split())


def nothing_is_on_another_node(cloud: Cloud) -> bool:
    """Whether every pod runs, or is about to, on a node that there is."""
    items = json.loads(cloud.run(["kubectl", "get", "pods", "-A", "-o", "json"]).stdout)["items"]
    running = all(pod["status"]["phase"] == "Running" for pod in items)
    return running and {f"node/{pod['spec'].get('nodeName')}" for pod in items} == nodes(cloud)


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
    replace(cloud, "aws:eks/nodeGroup:NodeGroup")
    assert not nodes(cloud) & before
    eventually(lambda: nothing_is_on_another_node(cloud), 10)
    assert all_hold(cloud)
    cloud.pulumi("destroy", "--yes", "--skip-preview")
    cloud.pulumi(*UP)
    assert all_hold(cloud)


def test_other_schemes_are_in_force_after_one_up(cloud: Cloud, tmp_path: Path) -> None:
    """Without a replacement `up` exports, and leaves in DNS, the former load balancers' names."""
    internal = {"load-balancer-scheme": "internal", "ingress-scheme": "internal"}
    names = ("load_balancer_hostname", "ingress_hostname")
    before = cloud.outputs()
    cloud.pulumi(*UP, *configured(tmp_path, internal))
    balancers = ["aws", "elbv2", "describe-load-balancers", "--output", "text", "--query"]
    listed = [*balancers, "LoadBalancers[?Scheme=='internal'].DNSName"]
    after = cloud.outputs()
    found = set(cloud.run(listed).stdout.split())
    assert found == {after[name] for name in names}
    assert found.isdisjoint(before[name] for name in names)
    assert all_hold(cloud)
    cloud.pulumi(*UP)
    assert cloud.run(listed).stdout.split() == []
    assert all_hold(cloud)
