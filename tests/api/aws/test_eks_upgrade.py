"""From one Kubernetes version to the next: control plane, add-ons, nodes.

docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterVersion.html, and of the user guide
update-cluster.html and update-managed-node-group.html.
"""

from typing import Any

import pytest

from localcloud.aws.eks import offered
from tests.api.aws.support import NODES, Client, Eks, refusal
from tests.api.aws.test_eks_rolling import finish, roll

PAGE = "/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/recommended"


@pytest.fixture(autouse=True)
def _built(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the next version was built as well."""
    built = {"1.35": "1.35.4", "1.36": "1.36.3"}
    monkeypatch.setattr(offered, "kubernetes_versions", lambda: built)


def upgrade(cluster: Eks) -> None:
    cluster.client.update_cluster_version(name="one", version="1.36")
    cluster.ready()


def test_the_version_of_a_cluster_changes_once_its_control_plane_did(cluster: Eks) -> None:
    made = cluster.client.update_cluster_version(name="one", version="1.36")["update"]
    assert (made["type"], made["status"]) == ("VersionUpdate", "InProgress")
    described = cluster.client.describe_cluster(name="one")["cluster"]
    assert (described["status"], described["version"]) == ("UPDATING", "1.35")
    assert cluster.record.version == "1.36"
    again = refusal(cluster.client.update_cluster_version, name="one", version="1.36")
    assert again[0] == "ResourceInUseException"
    cluster.ready()
    described = cluster.client.describe_cluster(name="one")["cluster"]
    assert (described["status"], described["version"]) == ("ACTIVE", "1.36")
    update = cluster.client.describe_update(name="one", updateId=made["id"])["update"]
    assert update["status"] == "Successful"


def test_an_upgrade_that_fails_leaves_the_version(cluster: Eks) -> None:
    made = cluster.client.update_cluster_version(name="one", version="1.36")["update"]
    cluster.api.clusters.cluster_failed("one", "fault")
    assert cluster.record.version == "1.35"
    update = cluster.client.describe_update(name="one", updateId=made["id"])["update"]
    assert (update["status"], update["errors"][0]["errorMessage"]) == ("Failed", "fault")


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.37", "Unsupported Kubernetes minor version update from 1.35 to 1.37"),
        ("1.34", "Unsupported Kubernetes minor version update from 1.35 to 1.34"),
    ],
)
def test_a_cluster_goes_up_by_one_minor_version_and_never_down(
    cluster: Eks, version: str, words: str
) -> None:
    code, message = refusal(cluster.client.update_cluster_version, name="one", version=version)
    assert code == "InvalidParameterException"
    assert words in message


def test_nodes_follow_their_cluster_and_it_waits_for_them(
    cluster: Eks, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.nodegroup()
    cluster.nodegroup_ready()
    refused = refusal(cluster.client.update_nodegroup_version, **NODES, version="1.36")
    assert "must not be newer than the cluster's, 1.35" in refused[1]
    upgrade(cluster)
    assert {node.version for node in cluster.group.nodes} == {"1.35"}
    three = {"1.35": "1.35.4", "1.36": "1.36.3", "1.37": "1.37.2"}
    monkeypatch.setattr(offered, "kubernetes_versions", lambda: three)
    ahead = refusal(cluster.client.update_cluster_version, name="one", version="1.37")
    assert "must be updated to match cluster version 1.36" in ahead[1]
    roll(cluster, version="1.36")
    finish(cluster)
    assert {node.version for node in cluster.group.nodes} == {"1.36"}
    found = client("ssm").get_parameter(Name=f"{PAGE}/release_version")["Parameter"]["Value"]
    assert cluster.described()["releaseVersion"] == found
    back = refusal(cluster.client.update_nodegroup_version, **NODES, version="1.35")
    assert "can't be rolled back" in back[1]


def defaults(cluster: Eks, version: str) -> dict[str, Any]:
    """The default version of kube-proxy for a Kubernetes version, and all its versions."""
    asked = {"addonName": "kube-proxy", "kubernetesVersion": version}
    (found,) = cluster.client.describe_addon_versions(**asked)["addons"]
    return {
        each["addonVersion"]: each["compatibilities"][0]["defaultVersion"]
        for each in found["addonVersions"]
    }


def test_add_ons_have_versions_for_each_version_of_kubernetes(cluster: Eks) -> None:
    """docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html"""
    old, new = "v1.35.4-eksbuild.1", "v1.36.3-eksbuild.1"
    assert defaults(cluster, "1.35") == {old: True}
    assert defaults(cluster, "1.36") == {new: True, old: False}
    names = {"clusterName": "one", "addonName": "kube-proxy"}
    assert cluster.client.create_addon(**names)["addon"]["addonVersion"] == old
    cluster.api.clusters.addon_ready("one", "kube-proxy")
    refused = refusal(cluster.client.update_addon, **names, addonVersion=new)
    assert "Addon version specified is not supported" in refused[1]
    upgrade(cluster)
    cluster.client.update_addon(**names, addonVersion=new, resolveConflicts="OVERWRITE")
    (addon,) = cluster.record.addons
    assert (addon.version, addon.status, addon.overwrites) == (new, "UPDATING", True)
    keep = refusal(cluster.client.update_addon, **names, resolveConflicts="PRESERVE")
    assert keep[0] == "ResourceInUseException"
    cluster.api.clusters.addon_ready("one", "kube-proxy")
    keep = refusal(cluster.client.update_addon, **names, resolveConflicts="PRESERVE")
    assert "resolveConflicts PRESERVE" in keep[1]
