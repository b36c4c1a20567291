"""A stack goes from one Kubernetes version to the next by one setting.

docs.aws.amazon.com/eks/latest/userguide/update-cluster.html. It needs the next version, which
`make soak` builds first.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.tools import kubernetes_versions
from tests.cloud.conftest import CHECKOUT, Cloud, deploy, start
from tests.cloud.test_stack import all_hold
from tests.cloud.waiting import eventually

OLD, NEW = "1.35", "1.36"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A cloud with the stack, of the old version."""
    made = start("soak")
    deploy(made)
    yield made
    made.down()


def versions(cloud: Cloud) -> tuple[str, set[str], set[str]]:
    """What the API server, the kubelets and kube-proxy's add-on are of."""
    server = json.loads(cloud.run(["kubectl", "version", "-o", "json"]).stdout)["serverVersion"]
    nodes = json.loads(cloud.run(["kubectl", "get", "nodes", "-o", "json"]).stdout)["items"]
    names = {"clusterName": cloud.outputs()["cluster_name"], "addonName": "kube-proxy"}
    addon = cloud.client("eks").describe_addon(**names)["addon"]["addonVersion"]
    kubelets = {node["status"]["nodeInfo"]["kubeletVersion"] for node in nodes}
    return server["gitVersion"], kubelets, {addon.partition("-")[0]}


def with_version(folder: Path, version: str) -> tuple[str, ...]:
    """The arguments of an up of the stack with this version."""
    file = folder / version / "Pulumi.local.yaml"
    file.parent.mkdir()
    setting = f'config:\n  eks-service-types:kubernetes-version: "{version}"'
    file.write_text((CHECKOUT / file.name).read_text().replace("config:", setting, 1))
    return ("up", "--yes", "--skip-preview", "--config-file", str(file))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("first", ["the setting", "EKS"])
def test_control_plane_add_ons_and_nodes_are_upgraded(
    cloud: Cloud, tmp_path: Path, first: str
) -> None:
    """By the setting, or after EKS has upgraded the control plane itself."""
    built = {minor: f"v{release}" for minor, release in kubernetes_versions().items()}
    assert versions(cloud) == (built[OLD], {built[OLD]}, {built[OLD]})
    old, new = with_version(tmp_path, OLD), with_version(tmp_path, NEW)
    if first == "EKS":
        upgrade_behind_its_back(cloud)
        assert versions(cloud) == (built[NEW], {built[OLD]}, {built[OLD]})
        assert all_hold(cloud)
    cloud.pulumi(*new, *(["--refresh"] if first == "EKS" else []))
    assert versions(cloud) == (built[NEW], {built[NEW]}, {built[NEW]})
    assert all_hold(cloud)
    cloud.pulumi(*new, "--expect-no-changes")
    refused = cloud.pulumi(*old, check=False)
    assert refused.returncode
    line = f'kubernetes-version is "{OLD}": must be {NEW}: the cluster '
    assert line in refused.stdout + refused.stderr


def upgrade_behind_its_back(cloud: Cloud) -> None:
    """What EKS does with a cluster whose version leaves standard support."""
    eks, name = cloud.client("eks"), cloud.outputs()["cluster_name"]
    eks.update_cluster_version(name=name, version=NEW)
    eventually(lambda: eks.describe_cluster(name=name)["cluster"]["version"] == NEW, 120)
