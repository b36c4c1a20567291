"""What a machine must have, each said in a line, and what `down` leaves: nothing."""

import os
import platform
import shutil
import socket
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localcloud import lifecycle, machine, process_table
from localcloud.errors import CloudError
from localcloud.paths import CloudPaths

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CloudPaths:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return CloudPaths("unit")


def refusal(paths: CloudPaths) -> str:
    with pytest.raises(CloudError) as refused:
        machine.check_machine()
    text = str(refused.value)
    assert "\n" not in text
    return text


def test_another_system_is_refused(paths: CloudPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert "this is Darwin" in refusal(paths)


def test_another_user_is_refused(paths: CloudPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "sudo" in refusal(paths)


def test_a_full_disk_is_refused(paths: CloudPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 2**30))
    assert "1.0 GiB free, a cloud needs 3" in refusal(paths)


def test_a_port_that_is_taken_is_refused_by_number() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CloudError, match=f"port {port} of 127.0.0.1 cannot be had"):
            lifecycle._listen(port)


def test_down_removes_a_half_started_cloud(paths: CloudPaths) -> None:
    paths.logs.mkdir(parents=True)
    (paths.logs / "cloud.log").write_text("it died\n")
    assert lifecycle.down(paths)
    assert not paths.root.exists()
    assert not lifecycle.down(paths)


def test_a_cloud_gets_no_proxy_and_no_folder_of_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://192.0.2.1:3128")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/0")
    monkeypatch.setenv("GOMAXPROCS", "1")
    own = lifecycle._own_environment({"TOLD": 3})
    assert own["LOCALCLOUD_TOLD"] == "3"
    assert own["GOMAXPROCS"] == "1"
    assert not {"https_proxy", "XDG_RUNTIME_DIR"} & set(own)


def test_a_cloud_that_is_not_there_has_no_processes(paths: CloudPaths) -> None:
    assert lifecycle.processes(paths) == []
    assert process_table.first_process(str(paths.root)) is None


@pytest.mark.parametrize("name", ["", "A", "-a", "a" * 21, "../x", "a b"])
def test_a_name_that_is_no_short_label_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cloud name"):
        CloudPaths(name)


def test_what_a_cloud_told_is_read_back_and_private(paths: CloudPaths) -> None:
    paths.root.mkdir(parents=True)
    told = lifecycle.Started(1, "id", "secret")
    told.write(paths)
    assert lifecycle.Started.read(paths) == told
    assert (paths.root / "cloud.json").stat().st_mode & 0o077 == 0


def test_only_one_at_a_time_works_on_a_cloud_and_no_lock_is_left(paths: CloudPaths) -> None:
    inside: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            with lifecycle.locked(paths):
                inside.append(number)
                assert len(inside) == 1
                inside.remove(number)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert list(paths.root.parent.iterdir()) == []
