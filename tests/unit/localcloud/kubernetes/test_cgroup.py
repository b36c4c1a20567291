"""Cgroups in folders that look like the kernel's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud.kubernetes import cgroup
from localcloud.kubernetes.cgroup import CgroupError, Hierarchy, ancestry, make_cgroup

HYBRID = """\
tmpfs /sys/fs/cgroup tmpfs rw,relatime,mode=755 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
"""
PATH = "cloud/demo/i-0"


def _version_1(mount: Path, controller: str) -> Hierarchy:
    mount.mkdir()
    if controller == "cpuset":
        (mount / "cpuset.cpus").write_text("0-1\n")
        (mount / "cpuset.mems").write_text("0\n")
    return Hierarchy(mount, 1, frozenset({controller}))


def _version_2(mount: Path) -> Hierarchy:
    """The kernel gives every new folder these files; here they are there before."""
    for part in ("", *ancestry(PATH)):
        folder = mount / part
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpu memory pids\n")
        (folder / "cgroup.subtree_control").write_text("cpu\n")
    return Hierarchy(mount, 2)


def test_hierarchies_of_both_versions_are_found() -> None:
    found = cgroup.parse_mounts(HYBRID)
    assert [str(one.mount) for one in found] == [
        "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"
    ]  # fmt: skip
    assert [one.version for one in found] == [1, 1, 2]
    assert {"cpu", "cpuacct"} <= found[0].controllers


def test_version_1_gets_a_folder_in_every_hierarchy_and_a_cpuset_its_cpus_all_the_way_down(
    tmp_path: Path,
) -> None:
    names = ("memory", "pids", "cpuset")
    files = make_cgroup(PATH, [_version_1(tmp_path / name, name) for name in names])
    assert files == tuple(tmp_path / name / PATH / "system/cgroup.procs" for name in names)
    assert all(file.parent.is_dir() for file in files)
    for part in (*ancestry(PATH), f"{PATH}/system"):
        assert (tmp_path / "cpuset" / part / "cpuset.cpus").read_text() == "0-1\n"
        assert (tmp_path / "cpuset" / part / "cpuset.mems").read_text() == "0\n"


def test_version_2_lets_the_node_use_every_controller(tmp_path: Path) -> None:
    make_cgroup(PATH, [_version_2(tmp_path / "unified")])
    for part in ("", *ancestry(PATH)):
        enabled = (tmp_path / "unified" / part / "cgroup.subtree_control").read_text()
        assert enabled == "+memory +pids"


def test_version_2_begins_again_when_a_controller_was_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hierarchy = _version_2(tmp_path / "unified")
    refused: list[Path] = []

    def write(file: Path, text: str, write: Callable[[Path, str], int] = Path.write_text) -> int:
        if file == hierarchy.folder(PATH) / "cgroup.subtree_control" and len(refused) < 2:
            refused.append(file)
            raise FileNotFoundError
        return write(file, text)

    monkeypatch.setattr(Path, "write_text", write)
    make_cgroup(PATH, [hierarchy])
    assert len(refused) == 2
    assert refused[0].read_text() == "+memory +pids"


def test_a_controller_that_may_not_be_used_is_named(tmp_path: Path) -> None:
    hierarchy = _version_2(tmp_path / "unified")
    refused = tmp_path / "unified" / "cloud" / "cgroup.subtree_control"
    refused.unlink()
    refused.symlink_to("/proc/version")  # readable, but not writable
    (tmp_path / "unified" / "cloud" / "cgroup.controllers").write_text("pids\n")
    with pytest.raises(CgroupError, match=r"cloud/cgroup.subtree_control: \w"):
        make_cgroup(PATH, [hierarchy])


def test_a_cgroup_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "cloud").write_text("in the way")
    with pytest.raises(CgroupError, match="memory/cloud"):
        make_cgroup(PATH, [Hierarchy(tmp_path / "memory", 1)])


def test_a_folder_that_stays_is_named(tmp_path: Path) -> None:
    (tmp_path / "pids" / "cloud").mkdir(parents=True)
    (tmp_path / "pids" / "cloud" / "file").write_text("not a cgroup")
    with pytest.raises(CgroupError, match="pids/cloud"):
        cgroup.remove_cgroups("cloud", [Hierarchy(tmp_path / "pids", 1)])
