"""The labels and the images of a node; tests/cloud/kubernetes looks at its files at work."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from localcloud.aws.eks.snapshots import Taint
from localcloud.kubernetes.manifests import manifest
from localcloud.kubernetes.node import containerd, labels
from localcloud.kubernetes.node.namespace import setup_script
from localcloud.kubernetes.node.plan import Programs
from localcloud.kubernetes.node.preloaded_images import PreloadedImages, archives, clone
from localcloud.tools.versions import COREDNS_IMAGE, PAUSE_IMAGE
from tests.unit.localcloud.kubernetes.examples import GROUP


def test_the_path_of_a_node_may_have_spaces() -> None:
    lines = setup_script(Path("/my node"), None, [Path("/my cgroup/cgroup.procs")]).splitlines()
    assert "mount -n --bind '/my node' '/my node/run'/node" in lines
    assert "echo $$ > '/my cgroup/cgroup.procs'" in lines


def test_a_label_or_taint_that_the_group_lost_goes_and_others_stay() -> None:
    item = manifest(
        "v1", "Node", "n", spec={"taints": [{"key": "by-others", "effect": "NoSchedule"},
                                            {"key": "only", "effect": "NoSchedule"}]},
    )  # fmt: skip
    item["metadata"]["resourceVersion"] = "7"
    after = labels.LabelsAndTaints({"tier": "x"}, (Taint("new", "", "PREFER_NO_SCHEDULE"),))
    patch = labels.patch(item, labels.LabelsAndTaints(GROUP.labels, GROUP.taints), after)
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

    def make(image: PreloadedImages) -> None:
        if outcome := outcomes.pop(0):
            raise outcome
        (tmp_path / "image" / containerd.ROOT.name).mkdir(parents=True)

    monkeypatch.setattr(PreloadedImages, "_make", make)
    monkeypatch.setattr(threading.Thread, "start", lambda thread: None)
    image = PreloadedImages({}, "", tmp_path / "image", tmp_path, Programs(Path, tmp_path))
    with pytest.raises(OSError, match="killed"):
        image.clone(tmp_path / "first")
    image.clone(tmp_path / "second")
    assert (tmp_path / "second").is_dir()
    image.clone(tmp_path / "third")  # made once
