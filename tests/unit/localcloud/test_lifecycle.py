"""Machines that cannot run a cloud are refused; `down` leaves nothing."""

import errno
import os
import platform
import shutil
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from unittest.mock import Mock

import pytest

from localcloud import lifecycle, machine
from localcloud.errors import CloudError
from localcloud.paths import CloudPaths
from tests.cloud.waiting import eventually


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CloudPaths:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return CloudPaths("unit")


@pytest.mark.parametrize(
    ("module", "function", "answer", "said"),
    [
        pytest.param(platform, "system", "Darwin", "this is Darwin", id="another system"),
        pytest.param(os, "geteuid", 1000, "sudo", id="another user than root"),
        pytest.param(
            *(shutil, "disk_usage", Mock(free=2**30), "1.0 GiB free, a cloud needs 3"),
            id="a full disk",
        ),
    ],
)
def test_a_machine_is_refused_for(
    module: ModuleType, function: str, answer: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(module, function, lambda *_: answer)
    with pytest.raises(CloudError) as refused:
        machine.check_machine()
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_port_that_is_taken_is_refused_by_number() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CloudError, match=f"port {port} of 127.0.0.1 is not available"):
            lifecycle._listen(port)


def test_a_cloud_gets_no_proxy_and_no_folder_of_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://192.0.2.1:3128")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/0")
    monkeypatch.setenv("GOMAXPROCS", "1")
    own = lifecycle._own_environment({"READY": 3})
    assert own["LOCALCLOUD_READY"] == "3"
    assert own["GOMAXPROCS"] == "1"
    assert not {"https_proxy", "XDG_RUNTIME_DIR"} & set(own)


@pytest.mark.parametrize("name", ["", "A", "-a", "a" * 21, "../x", "a b"])
def test_a_name_that_is_no_short_label_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cloud name"):
        CloudPaths(name)


def test_the_file_of_a_running_cloud_is_read_back_and_private(paths: CloudPaths) -> None:
    paths.root.mkdir(parents=True)
    started = lifecycle.CloudInfo(1, "id", "secret")
    started.write(paths)
    assert lifecycle.CloudInfo.read(paths) == started
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


def _removal(monkeypatch: pytest.MonkeyPatch, *outcomes: OSError | None) -> Mock:
    removal = Mock(side_effect=outcomes)
    monkeypatch.setattr(shutil, "rmtree", removal)
    return removal


def test_plugins_of_an_engine_that_was_killed_end_with_the_cloud(paths: CloudPaths) -> None:
    plugin = paths.plugins / "resource-kubernetes-v1.0.0" / "pulumi-resource-kubernetes"
    plugin.parent.mkdir(parents=True)
    shutil.copy(shutil.which("sleep") or "", plugin)
    with subprocess.Popen([plugin, "60"]) as process:
        eventually(lambda: lifecycle.processes(paths) == [process.pid])  # exec may go on
        lifecycle.kill([process.pid])
    assert process.returncode == -signal.SIGKILL


def test_a_folder_that_is_still_written_to_is_removed_once_more(
    paths: CloudPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not lifecycle.down(paths)  # there was no cloud
    paths.root.mkdir(parents=True)
    written = OSError(errno.ENOTEMPTY, "Directory not empty")
    removal = _removal(monkeypatch, written, written, None)
    assert lifecycle.down(paths)
    assert removal.call_count == 3
    _removal(monkeypatch, *[written] * lifecycle.REMOVALS)
    with pytest.raises(CloudError, match="is still written to: end pulumi, then run down again"):
        lifecycle.down(paths)


def test_a_folder_that_cannot_be_removed_fails_at_once(
    paths: CloudPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths.root.mkdir(parents=True)
    _removal(monkeypatch, PermissionError(errno.EPERM, "Operation not permitted"))
    with pytest.raises(PermissionError):
        lifecycle.down(paths)
