"""Kubeconfigs and who they make us: tokens, exec plugins, what is refused."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from localcloud.plugins.kubernetes.kubeconfig import load
from localcloud.plugins.provider import ProviderError
from tests.unit.localcloud.plugins.kubernetes.api_server import ApiServer, kubeconfig, status
from tests.unit.localcloud.plugins.kubernetes.engine import Engine, Refused

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
PLUGIN = """
import json, os, pathlib, sys
runs = pathlib.Path(sys.argv[1])
runs.write_text(runs.read_text() + "x" if runs.exists() else "x")
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
assert info["kind"] == "ExecCredential" and os.environ["REGION"] == "eu-west-1"
print(json.dumps({"status": {"token": f"token-{len(runs.read_text())}",
                             "expirationTimestamp": sys.argv[2]}}))
"""
LATE, SOON = "2199-01-01T00:00:00Z", "2020-01-01T00:00:00Z"


def exec_user(folder: Path, expires: str) -> dict[str, object]:
    script = folder / "plugin.py"
    script.write_text(PLUGIN)
    return {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": sys.executable,
        "args": [str(script), str(folder / "runs"), expires],
        "env": [{"name": "REGION", "value": "eu-west-1"}],
    }


def make_two(api: ApiServer, user: dict[str, object]) -> list[str]:
    with Engine(kubeconfig=kubeconfig(api.url, exec=user)) as engine:
        for name in ("a", "b"):
            engine.create(CONFIG_MAP, name, {"metadata": {"name": name}, "data": {"a": "1"}})
    return [headers["Authorization"] for headers in api.headers]


def test_an_exec_plugin_runs_once_for_all_requests(api: ApiServer, tmp_path: Path) -> None:
    assert set(make_two(api, exec_user(tmp_path, LATE))) == {"Bearer token-1"}
    assert (tmp_path / "runs").read_text() == "x"


def test_an_expired_token_is_replaced(api: ApiServer, tmp_path: Path) -> None:
    tokens = make_two(api, exec_user(tmp_path, SOON))
    assert len(set(tokens)) == len(tokens)


def test_a_refused_token_is_replaced_once(api: ApiServer, tmp_path: Path) -> None:
    api.fail("GET", "/api/v1", 401, status(401, "Unauthorized", "Unauthorized"))
    assert make_two(api, exec_user(tmp_path, LATE))[:2] == ["Bearer token-1", "Bearer token-2"]


def test_an_exec_plugin_that_fails_is_named(api: ApiServer) -> None:
    user: dict[str, object] = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": ["-c", "import sys; sys.exit('no session')"],
    }
    with pytest.raises(Refused, match=r"failed \(1\): no session"):
        make_two(api, user)
    missing = {**user, "command": "no-such-program", "installHint": "install it"}
    with pytest.raises(Refused, match="'no-such-program' not found: install it"):
        make_two(api, missing)


def test_contents_may_be_json_or_yaml_or_a_path(tmp_path: Path) -> None:
    text = kubeconfig("https://example.com/")
    as_yaml = yaml.safe_dump(json.loads(text))
    path = tmp_path / "config"
    path.write_text(as_yaml)
    for given in (text, as_yaml, str(path)):
        assert load(given).server == "https://example.com"
    assert load(text).namespace == "default"


def test_files_beside_a_kubeconfig_are_found(tmp_path: Path) -> None:
    document = json.loads(kubeconfig("https://example.com"))
    document["clusters"][0]["cluster"]["certificate-authority"] = "ca.crt"
    (tmp_path / "ca.crt").write_text("PEM")
    (tmp_path / "config").write_text(json.dumps(document))
    assert load(str(tmp_path / "config")).ca == b"PEM"


def test_another_context_and_cluster_may_be_chosen() -> None:
    document = json.loads(kubeconfig("https://one"))
    document["clusters"].append({"name": "d", "cluster": {"server": "https://two"}})
    document["contexts"].append({"name": "y", "context": {"cluster": "d", "namespace": "team"}})
    text = json.dumps(document)
    assert load(text, context="y").server == "https://two"
    assert load(text, context="y").namespace == "team"
    assert load(text, cluster="d").server == "https://two"


@pytest.mark.parametrize(
    ("part", "key", "words"),
    [
        ("cluster", "proxy-url", "cluster field 'proxy-url' is not implemented"),
        ("user", "auth-provider", "user field 'auth-provider' is not implemented"),
        ("user", "username", "user field 'username' is not implemented"),
        ("user", "as", "user field 'as' is not implemented"),
    ],
)
def test_what_is_not_implemented_is_refused_by_name(part: str, key: str, words: str) -> None:
    document = json.loads(kubeconfig("https://example.com"))
    document[f"{part}s"][0][part][key] = "x"
    with pytest.raises(ProviderError, match=words):
        load(json.dumps(document))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nothing here", "neither a path of a file nor the contents"),
        ("a: b: c", "not YAML"),
        (json.dumps({"clusters": [], "current-context": "x"}), "no context 'x'"),
    ],
)
def test_a_broken_kubeconfig_is_told(text: str, words: str) -> None:
    with pytest.raises(ProviderError, match=words):
        load(text)
