"""Debian packages: daemons only unpacked, keyed by exact versions, failures in one line."""

import json
import os
from pathlib import Path
from unittest.mock import Mock

import pytest

from localcloud.tools import ToolError, apt, cache, debian, packages
from localcloud.tools.progress import Progress

SHOWN = """\
Package: nginx
Version: 1.22.1-9+deb12u11
Depends: libc6 (>= 2.34), libssl3 (>= 3.0.0) | other, zlib1g, iproute2, nginx-common
Description-en: small, powerful

Package: nginx
Version: 1.22.1-9+deb12u9

Package: libnginx-mod-stream
Version: 1.22.1-9+deb12u11
Depends: nginx-abi-1.22.1-7, libc6 (>= 2.33)
"""


def test_the_first_paragraph_of_a_package_is_the_one_apt_would_install() -> None:
    found = apt.stanzas(SHOWN)
    assert set(found) == {"nginx", "libnginx-mod-stream"}
    assert found["nginx"]["Version"] == "1.22.1-9+deb12u11"


def test_only_libraries_are_taken_from_what_packages_depend_on() -> None:
    assert debian.libraries(apt.stanzas(SHOWN).values()) == ["libc6", "libssl3", "zlib1g"]


def test_the_key_changes_with_a_version_and_not_with_the_order() -> None:
    key = debian.key({"runc": "1", "nginx": "2"})
    assert key == debian.key({"nginx": "2", "runc": "1"})
    assert key != debian.key({"runc": "1", "nginx": "3"})


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.22.1-9+deb12u11", "1.22.1"), ("1:1.35.0-4", "1.35.0"), ("1.6.20~ds1-1", "1.6.20")],
)
def test_the_upstream_version_is_what_the_image_is_tagged_with(version: str, expected: str) -> None:
    assert debian.upstream(version) == expected


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """What runs commands, as root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return Mock(return_value=None)


@pytest.fixture
def own(run: Mock, tmp_path: Path) -> apt.Apt:
    return apt.Apt(tmp_path, Mock(run=run), Progress(lambda text: None))


def test_a_package_that_the_mirror_dropped_is_tried_again_after_an_update(
    own: apt.Apt, run: Mock, tmp_path: Path
) -> None:
    run.side_effect = [ToolError("404  Not Found"), None, None]
    own.download({"runc": "1"}, tmp_path)
    commands = [call.args[0] for call in run.call_args_list]
    assert [command[2] for command in commands] == ["download", "update", "download"]
    assert [*commands[0][3:]] == ["runc=1"]


def test_apt_failing_twice_is_one_line_with_its_log(
    own: apt.Apt, run: Mock, tmp_path: Path
) -> None:
    log = tmp_path / "logs" / "apt.log"
    run.side_effect = ToolError("404  Not Found", log)
    with pytest.raises(ToolError, match=r"^apt-get update failed: 404 Not Found$") as caught:
        own.install(["nftables"])
    assert caught.value.log == run.call_args.kwargs["log"] == log


def test_without_root_the_command_to_run_is_named(
    own: apt.Apt, run: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ToolError, match=r"^not root: run `apt-get install nftables` as root"):
        own.install(["nftables"])
    run.assert_not_called()


def test_lists_that_lack_a_package_are_brought_up_to_date(
    own: apt.Apt, run: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "_show", lambda names: apt.stanzas(SHOWN) if run.called else {})
    assert own.show(["nginx"])["nginx"]["Version"] == "1.22.1-9+deb12u11"
    with pytest.raises(ToolError, match="apt does not know containerd"):
        own.show(["containerd"])


def test_no_package_with_a_daemon_is_ever_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / debian.RECORD).write_text(json.dumps({"libraries": ["libseccomp2", "libc6"]}))
    monkeypatch.setattr(debian, "installed", lambda names: {"libc6"})
    monkeypatch.setattr(packages, "which", lambda name: None)
    missing = debian.missing_on_machine(packages.Packages(tmp_path, "", ""))
    assert {"libseccomp2", "nftables", "iproute2"} <= set(missing)
    assert not set(missing) & {"containerd", "nginx", "libc6"}


def test_what_was_fetched_is_found_by_the_pointer(tmp_path: Path) -> None:
    assert debian.find(tmp_path) is None
    with cache.making(tmp_path / "debian-1") as folder:
        record = {"versions": {"nginx": "1.22.1-9"}, "libraries": []}
        (folder / debian.RECORD).write_text(json.dumps(record))
    cache.point(debian.pointer(tmp_path), "debian-1")
    found = debian.find(tmp_path)
    assert found == packages.Packages(tmp_path / "debian-1", "debian-1", "1.22.1")


def test_without_apt_all_that_is_missing_is_listed_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "which", lambda name: None)
    monkeypatch.setattr(packages.Packages, "first", lambda self, candidates: None)
    with pytest.raises(ToolError) as caught:
        packages.system()
    message = str(caught.value)
    assert "\n" not in message
    for name in (
        "containerd",
        "runc",
        "CNI plugin ptp",
        *packages.NGINX_MODULES,
        "resty/core.lua",
        "nft",
        "install them",
    ):
        assert name in message


def test_unpacked_programs_are_found_below_their_root_only(tmp_path: Path) -> None:
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/runc").touch()
    (tmp_path / "usr/lib/cni").mkdir(parents=True)
    (tmp_path / "usr/lib/cni/ptp").touch()
    found = packages.Packages(tmp_path, "", "")
    assert found.program("runc") == tmp_path / "usr/bin/runc"
    assert found.program("ls") is None
    assert found.cni == tmp_path / "usr/lib/cni"
    assert "CNI plugin loopback" in found.missing()
