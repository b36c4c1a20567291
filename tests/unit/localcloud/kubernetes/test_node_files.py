"""The configuration files of a node."""

import json
import threading
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from localcloud.aws.eks.records import Taint
from localcloud.kubernetes.credentials import ClusterCredentials
from localcloud.kubernetes.manifests import manifest
from localcloud.kubernetes.node import cni, containerd, kubelet, labels
from localcloud.kubernetes.node.files import write_files
from localcloud.kubernetes.node.machine_image import MachineImage, archives, clone
from localcloud.kubernetes.node.namespace import first_command, next_command, setup_script
from localcloud.kubernetes.node.plan import Programs
from localcloud.tools.versions import COREDNS_IMAGE, PAUSE_IMAGE
from tests.unit.localcloud.kubernetes.examples import GROUP, NODE, plan


def test_a_kubelet_lets_in_only_whom_the_api_server_vouches_for() -> None:
    config = kubelet.config(plan())
    assert config["authentication"]["anonymous"] == {"enabled": False}
    assert config["authentication"]["x509"] == {"clientCAFile": "/run/node/ca.crt"}
    assert config["authorization"] == {"mode": "Webhook"}
    assert config["readOnlyPort"] == 0


def test_a_kubelet_knows_its_instance_and_its_group() -> None:
    config = kubelet.config(plan())
    assert config["providerID"] == "aws:///eu-west-1a/i-0123456789abcdef0"
    assert config["registerWithTaints"] == [{"key": "only", "value": "us", "effect": "NoSchedule"}]
    assert config["cgroupRoot"] == "/cloud/demo/i-0"
    assert config["clusterDNS"] == ["172.20.0.10"]
    command = kubelet.command(plan(), Path("/bin/kubelet"))
    assert f"--hostname-override={NODE.dns_name}" in command
    [given] = [part for part in command if part.startswith("--node-labels=")]
    assert "eks.amazonaws.com/nodegroup=workers" in given
    assert "team=a" in given


@pytest.mark.parametrize(("prefix", "pods"), [("10.0.1.16/28", 15), ("10.0.1.0/24", 255)])
def test_as_many_pods_fit_as_the_prefix_has_addresses(prefix: str, pods: int) -> None:
    assert kubelet.max_pods(prefix) == pods


def test_pods_keep_their_addresses_on_the_way_out() -> None:
    [plugin] = cni.config("10.0.1.16/28")["plugins"]
    assert plugin["type"] == "ptp"
    assert plugin["ipMasq"] is False
    assert plugin["ipam"]["ranges"] == [[{"subnet": "10.0.1.16/28"}]]
    assert plugin["ipam"]["routes"] == [{"dst": "0.0.0.0/0"}]


def test_containerds_configuration_is_toml_with_all_paths_inside_the_node() -> None:
    config = tomllib.loads(containerd.config_toml(PAUSE_IMAGE, Path("/cni")))
    cri = config["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["sandbox_image"] == PAUSE_IMAGE
    assert cri["cni"] == {"bin_dir": "/cni", "conf_dir": "/run/node/cni"}
    assert cri["restrict_oom_score_adj"] is True
    for path in (config["root"], config["state"], config["grpc"]["address"]):
        assert path.startswith("/run/")


def test_a_node_writes_nothing_of_the_machines() -> None:
    script = setup_script(Path("/state/my node"), Path("/hosts"), [Path("/cg/cgroup.procs")])
    lines = script.splitlines()
    assert lines[:2] == ["set -e", "echo $$ > /cg/cgroup.procs"]
    assert "mount -n --bind '/state/my node' '/state/my node/run'/node" in lines
    for folder in ("/etc", "/var/lib", "/var/log"):
        assert any(line.endswith(f" node {folder}") for line in lines)
    assert (
        "mount -n --bind /run/kernel/vm/overcommit_memory /proc/sys/vm/overcommit_memory" in lines
    )
    assert lines[-1] == 'exec "$@"'


def test_programs_after_the_first_share_its_mounts() -> None:
    first = first_command(Path("/n"), None, [], ["containerd"])
    assert first[0] == "unshare"
    assert first[-1] == "containerd"
    then = next_command(Path("/proc/42/ns/mnt"), [Path("/cg/cgroup.procs")], ["kubelet", "--x"])
    assert then[:2] == ["nsenter", "--mount=/proc/42/ns/mnt"]
    assert "echo $$ > /cg/cgroup.procs" in then[5]
    assert then[-2:] == ["kubelet", "--x"]


def test_files_of_a_node_are_its_owners_alone(tmp_path: Path) -> None:
    mine = replace(plan(), folder=tmp_path / "node")
    write_files(mine, ClusterCredentials("demo"), Path("/cni"), ("ID", "SECRET", "TOKEN"))
    assert mine.folder.stat().st_mode & 0o077 == 0
    for name in ("kubelet.kubeconfig", "kube-proxy.kubeconfig", "kubelet.key", "agent/credentials"):
        assert (mine.folder / name).stat().st_mode & 0o077 == 0
    assert "aws_session_token = TOKEN\n" in (mine.folder / "agent/credentials").read_text()
    config = json.loads((mine.folder / "kubelet.kubeconfig").read_text())
    assert config["clusters"][0]["cluster"]["server"] == "https://10.0.1.4"


def test_a_label_or_taint_that_the_group_lost_goes_and_others_stay() -> None:
    item = manifest(
        "v1", "Node", "n", spec={"taints": [{"key": "by-others", "effect": "NoSchedule"},
                                            {"key": "only", "effect": "NoSchedule"}]},
    )  # fmt: skip
    item["metadata"]["resourceVersion"] = "7"
    after = labels.Marks({"tier": "x"}, (Taint("new", "", "PREFER_NO_SCHEDULE"),))
    patch = labels.patch(item, labels.Marks(GROUP.labels, GROUP.taints), after)
    assert patch["metadata"] == {"labels": {"team": None, "tier": "x"}, "resourceVersion": "7"}
    assert patch["spec"]["taints"] == [
        {"key": "by-others", "effect": "NoSchedule"},
        {"key": "new", "value": "", "effect": "PreferNoSchedule"},
    ]
    assert "unschedulable" not in patch["spec"]
    cordoned = replace(after, cordoned=True)
    assert labels.patch(item, after, cordoned)["spec"]["unschedulable"] is True
    assert labels.patch(item, cordoned, after)["spec"]["unschedulable"] is False


def test_a_node_is_ready_when_it_says_so() -> None:
    def node(status: str) -> dict[str, object]:
        return {"status": {"conditions": [{"type": "Ready", "status": status}]}}

    assert labels.ready(node("True"))
    assert not any(labels.ready(each) for each in (node("Unknown"), {}, None))


def test_each_archive_is_taken_once_and_pause_first(tmp_path: Path) -> None:
    images = {PAUSE_IMAGE: tmp_path / "pause", "n:1": tmp_path / "n", "n:2": tmp_path / "n",
              COREDNS_IMAGE: tmp_path / "c"}  # fmt: skip
    assert archives(images) == (tmp_path / "pause", [tmp_path / "c", tmp_path / "n"])


def test_a_clone_shares_layers_but_not_databases(tmp_path: Path) -> None:
    source = tmp_path / "image"
    (source / "metadata").mkdir(parents=True)
    (source / "layer").write_text("layer")
    (source / "metadata" / "meta.db").write_text("db")
    clone(source, tmp_path / "node")
    assert (tmp_path / "node" / "layer").samefile(source / "layer")
    assert not (tmp_path / "node" / "metadata" / "meta.db").samefile(source / "metadata/meta.db")
    assert (tmp_path / "node" / "metadata" / "meta.db").read_text() == "db"


def test_an_image_that_could_not_be_made_is_tried_again_for_the_next_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = [OSError("killed"), OSError("killed"), None]

    def make(image: MachineImage) -> None:
        if outcome := outcomes.pop(0):
            raise outcome
        (tmp_path / "image" / containerd.ROOT.name).mkdir(parents=True)

    monkeypatch.setattr(MachineImage, "_make", make)
    monkeypatch.setattr(threading.Thread, "start", lambda thread: None)
    image = MachineImage({}, "", tmp_path / "image", tmp_path, Programs(Path, tmp_path))
    with pytest.raises(OSError, match="killed"):
        image.clone(tmp_path / "first")
    image.clone(tmp_path / "second")
    assert (tmp_path / "second").is_dir()
    image.clone(tmp_path / "third")  # made once
