"""Helm releases: inputs and flags, and what the program helm is given (a stand-in records it)."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from localcloud.plugins.kubernetes.helm import inputs as given
from localcloud.plugins.kubernetes.helm import values
from localcloud.plugins.kubernetes.helm.records import Record
from localcloud.plugins.provider import ProviderError
from localcloud.plugins.values import UNKNOWN, Secret
from tests.unit.localcloud.plugins.kubernetes.api_server import ApiServer, kubeconfig
from tests.unit.localcloud.plugins.kubernetes.engine import Engine, Refused

RELEASE = "kubernetes:helm.sh/v3:Release"
STAND_IN = f"""#!{sys.executable}
import json, os, pathlib, sys
config = next(a.partition("=")[2] for a in sys.argv if a.startswith("--kubeconfig="))
mode = oct(os.stat(config).st_mode & 0o777)
seen = {{"args": sys.argv[1:], "stdin": sys.stdin.read(), "mode": mode,
        "config": json.load(open(config)), "env": dict(os.environ)}}
pathlib.Path(os.environ["SEEN"]).write_text(json.dumps(seen))
sys.exit("WARNING: noise\\nError: INSTALLATION FAILED: no luck")
"""


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin" / "helm"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    monkeypatch.setenv("HELM_KUBETOKEN", "of somebody else")
    return tmp_path / "seen"


def run(api: ApiServer, seen: Path, inputs: dict[str, Any], **user: Any) -> Any:
    """What helm was given when a release was made."""
    with (
        Engine(kubeconfig=kubeconfig(api.url, **user)) as engine,
        pytest.raises(Refused, match=r"was not installed: INSTALLATION FAILED: no luck$"),
    ):
        engine.create(RELEASE, "r", {"chart": "thing", "version": "1.0.0", "name": "r", **inputs})
    return json.loads(seen.read_text())


def test_secrets_go_by_stdin_and_the_kubeconfig_by_memory(api: ApiServer, seen: Path) -> None:
    told = run(api, seen, {"values": {"pw": Secret("hush")}})
    assert json.loads(told["stdin"]) == {"pw": "hush"}
    assert "hush" not in json.dumps([told["args"], told["env"]])
    assert told["mode"] == "0o600"
    assert told["config"]["users"][0]["user"] == {"token": "t"}
    assert told["config"]["clusters"][0]["cluster"] == {"server": api.url}
    assert "HELM_KUBETOKEN" not in told["env"]


def test_a_token_that_lasts_stands_for_its_exec_plugin(api: ApiServer, seen: Path) -> None:
    def user(expires: str) -> dict[str, Any]:
        status = {"status": {"token": "made", "expirationTimestamp": expires}}
        program = f"print({json.dumps(json.dumps(status))})"
        return {"exec": {"apiVersion": "client.authentication.k8s.io/v1",
                         "command": sys.executable, "args": ["-c", program]}}  # fmt: skip

    told = run(api, seen, {}, **user("2199-01-01T00:00:00Z"))
    assert told["config"]["users"][0]["user"] == {"token": "made"}
    told = run(api, seen, {}, **user("2020-01-01T00:00:00Z"))
    assert list(told["config"]["users"][0]["user"]) == ["exec"]


def test_inputs_become_flags(api: ApiServer, seen: Path) -> None:
    inputs = {
        "atomic": True,
        "cleanupOnFail": False,
        "createNamespace": True,
        "description": "why",
        "maxHistory": 3,
        "namespace": "team",
        "repositoryOpts": {"repo": "https://example.com"},
        "timeout": 42,
        "waitForJobs": True,
    }
    args = run(api, seen, inputs)["args"]
    assert args[:3] == ["upgrade", "r", "thing"]
    assert set(args[3:]) >= {
        "--install", "--repo=https://example.com", "--version=1.0.0", "--namespace=team",
        "--atomic", "--create-namespace", "--description=why", "--history-max=3", "--wait",
        "--wait-for-jobs", "--timeout=42s", "--values=-", "--reset-values",
    }  # fmt: skip
    assert "--cleanup-on-fail" not in args


@pytest.mark.parametrize(
    ("inputs", "flag", "there"),
    [
        ({"skipAwait": True, "waitForJobs": True}, "--wait", False),
        ({"skipAwait": True, "waitForJobs": True}, "--wait-for-jobs", False),
        ({}, "--wait", True),
        ({}, "--reset-values", True),
        ({"reuseValues": True}, "--reuse-values", True),
        ({"reuseValues": True}, "--reset-values", False),
        ({"reuseValues": True, "resetValues": True}, "--reset-values", True),
        ({"disableWebhooks": True}, "--no-hooks", True),
    ],
)
def test_flags(inputs: Any, flag: str, there: bool) -> None:
    assert (flag in list(given.flags(inputs))) is there


@pytest.mark.parametrize(
    ("inputs", "path", "words"),
    [
        ({}, "chart", "is required"),
        ({"chart": "c", "colour": "x"}, "colour", "not an input"),
        ({"chart": "c", "lint": True}, "lint", "not implemented"),
        ({"chart": "c", "allowNullValues": True}, "allowNullValues", "not implemented"),
        ({"chart": "c", "atomic": "yes"}, "atomic", "neither true nor false"),
        ({"chart": "c", "repositoryOpts": {"password": "p"}}, "repositoryOpts.password",
         "not implemented"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_property(inputs: Any, path: str, words: str) -> None:
    assert words in given.check(inputs)[path]


def test_unknown_inputs_stay_and_the_chart_is_not_looked_for(engine: Engine) -> None:
    news = {"chart": "c", "skipAwait": UNKNOWN, "values": {"a": UNKNOWN}}
    inputs, failures = engine.check(RELEASE, "r", news)
    assert failures == {}
    assert inputs["values"] == {"a": UNKNOWN}


def test_the_version_is_read_from_a_chart_folder(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: c\nversion: 2.0.0\n")
    inputs, _ = engine.check(RELEASE, "r", {"chart": str(tmp_path)})
    assert inputs["version"] == "2.0.0"
    _, failures = engine.check(RELEASE, "r", {"chart": str(tmp_path), "version": "3.0.0"})
    assert "has version 2.0.0, not 3.0.0" in failures["chart"]


def test_value_files_are_merged_below_values(tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_text("a: {x: 1, y: 2}\nb: file\n")
    signature = "4dabf18193072939515e22adb298388d"
    asset = "c44067f5952c0a294b673a41bacd8c17"
    news = Struct()
    news.update(
        {
            "values": {"a": {"y": 3}},
            "valueYamlFiles": [
                {signature: asset, "path": str(tmp_path / "v.yaml")},
                {signature: asset, "text": "b: text\nc: null"},
            ],
        }
    )
    assert values.read(news) == {
        "values": {"a": {"x": 1, "y": 3}, "b": "text", "c": None},
    }
    last = news.fields["valueYamlFiles"].list_value.values[1].struct_value
    last.fields["text"].string_value = "- 1"
    with pytest.raises(ProviderError, match="no object of values"):
        values.read(news)


def test_resource_names_are_grouped_as_the_official_provider_does() -> None:
    manifest = """
apiVersion: v1
kind: Secret
metadata: {name: b}
---
apiVersion: v1
kind: Secret
metadata: {name: a, namespace: n}
---
# nothing
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
"""
    names = Record("s", "deployed", "", {"manifest": manifest}).resource_names()
    assert names == {"Deployment.apps/apps/v1": ["d"], "Secret/v1": ["b", "n/a"]}


def test_another_name_or_namespace_is_another_release(engine: Engine, tmp_path: Path) -> None:
    from tests.unit.localcloud.plugins.kubernetes.engine import Resource, urn

    (tmp_path / "Chart.yaml").write_text("name: c\nversion: 2.0.0\n")
    inputs, _ = engine.check(RELEASE, "r", {"chart": str(tmp_path), "name": "r"})
    old = Resource(urn(RELEASE, "r"), "default/r", inputs, inputs)
    moved = engine.diff(old, {"chart": str(tmp_path), "name": "r", "namespace": "n"})
    assert list(moved.replaces) == ["namespace"]
    changed = engine.diff(old, {"chart": str(tmp_path), "name": "r", "timeout": 9})
    assert not changed.replaces
    assert list(changed.detailedDiff) == ["timeout"]
