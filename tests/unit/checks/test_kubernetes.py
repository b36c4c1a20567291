"""kubectl: the token fetched once, kept private, and errors in one line."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from checks.kubeconfig import with_token
from checks.kubernetes import Cluster
from checks.outcome import CannotRun, FailedProbe
from checks.outputs import Outputs
from checks.portforward import FORWARDING, error_message
from tests.unit.checks import support
from tests.unit.checks.stand import SERVICES
from tests.unit.checks.support import Kubectl


def kubeconfig(folder: Path, does: str | None) -> str:
    """A kubeconfig with a plugin that runs a line of shell; None is one that is not there."""
    plugin = folder / "plugin"
    if does:
        support.script(plugin, f"#!/bin/sh\n{does}\n")
    config = json.loads(support.KUBECONFIG)
    config["users"][0]["user"] = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": str(plugin),
            "args": ["eks", "get-token"],
            "env": [{"name": "ROLE", "value": "reader"}],
        }
    }
    return json.dumps(config)


def of(config: str) -> Cluster:
    return Cluster(Outputs({"kubeconfig": config, "namespace": support.NAMESPACE}))


@pytest.fixture
def cluster(kubectl: Kubectl) -> Iterator[Cluster]:
    with closing(of(support.KUBECONFIG)) as cluster:
        yield cluster


def test_the_plugin_runs_once_and_its_token_takes_its_place(
    tmp_path: Path, kubectl: Kubectl
) -> None:
    log, kept = tmp_path / "log", tmp_path / "kept"
    does = f'echo "$* $ROLE" >> {log}; echo \'{{"status": {{"token": "secret"}}}}\''
    kubectl.answers(SERVICES, {"items": []})
    kubectl.answers("first", f'cat "$KUBECONFIG" > {kept}')
    with closing(of(kubeconfig(tmp_path, does))) as cluster:
        cluster.services()
        cluster.services()

    assert log.read_text() == "eks get-token reader\n"
    config = json.loads(kept.read_text())
    assert config["users"] == [{"name": "checks", "user": {"token": "secret"}}]
    assert config["clusters"] == json.loads(support.KUBECONFIG)["clusters"]


def test_the_kubeconfig_is_private_and_removed(
    cluster: Cluster, kubectl: Kubectl, tmp_path: Path
) -> None:
    shown = tmp_path / "shown"
    kubectl.answers(SERVICES, {"items": []})
    kubectl.answers("first", f'echo "$KUBECONFIG" > {shown}')

    cluster.services()

    used = Path(shown.read_text().strip())
    assert stat.S_IMODE(used.stat().st_mode) == 0o600
    assert stat.S_IMODE(used.parent.stat().st_mode) == 0o700
    cluster.close()
    assert not used.parent.exists()


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("echo sign in first >&2; exit 255", "gave no token: sign in first"),
        ("echo no json", "gave no token: it ended with 0"),
        (None, "cannot run .*/plugin for a token: No such file"),
    ],
)
def test_a_plugin_without_a_token_is_a_reason_not_to_run(
    tmp_path: Path, does: str | None, reason: str
) -> None:
    with pytest.raises(CannotRun, match=reason):
        with_token(kubeconfig(tmp_path, does))


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("no json", "JSONDecodeError"),
        ("{}", "no 'contexts'$"),
        ("[]", "TypeError"),
        ('{"contexts": [], "users": 3}', "no 'current-context'$"),
    ],
)
def test_what_is_no_kubeconfig_is_a_reason_not_to_run(config: str, reason: str) -> None:
    with pytest.raises(CannotRun, match=f"output kubeconfig is not a kubeconfig: {reason}"):
        with_token(config)


def test_an_answer_that_is_no_json_is_a_failed_probe(cluster: Cluster, kubectl: Kubectl) -> None:
    kubectl.answers(SERVICES, "<html>")

    with pytest.raises(FailedProbe, match="gave no JSON"):
        cluster.services()


def test_a_node_elsewhere_than_on_ec2_is_a_failed_probe(cluster: Cluster, kubectl: Kubectl) -> None:
    node = support.node("i-1", "10.0.0.1")
    node["spec"]["providerID"] = "kind://node"
    kubectl.answers("/api/v1/nodes", {"items": [node]})

    with pytest.raises(FailedProbe, match=r"node 10\.0\.0\.1 is no EC2 instance"):
        cluster.nodes()


def test_a_pod_without_curl_fetches_with_wget(cluster: Cluster, tmp_path: Path) -> None:
    folder = tmp_path / "image"
    folder.mkdir()
    support.script(folder / "timeout", '#!/bin/sh\necho "$@"\n')
    fake = tmp_path / "bin" / "kubectl"
    fake.write_text(fake.read_text().replace('exec "$@"', f'PATH={folder} exec /bin/"$@"'))

    assert cluster.page_from_pod("nginx", "http://a/") == "5 wget -q -O - http://a/\n"


def test_the_port_of_a_forward_is_read_among_other_words() -> None:
    found = FORWARDING.search("Handling\nForwarding from 127.0.0.1:40123 -> 80\n")
    assert found
    assert found[1] == "40123"
    assert not FORWARDING.search("Forwarding from 127.0.0.1:4012")  # the rest is still to come


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("Warning: old\nerror: lost connection", "lost connection"),
        ("", "it ended without a message"),
    ],
)
def test_what_kubectl_complains_of_is_told_without_its_preamble(printed: str, said: str) -> None:
    assert error_message(printed) == said


def test_a_forward_ends_with_its_context(
    cluster: Cluster, kubectl: Kubectl, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    kubectl.answers("first", f"echo $$ > {pid}")
    kubectl.answers("pod/nginx", 1)

    with cluster.port_forward("default", "pod/nginx", 80) as port:
        assert port == 1
        os.kill(int(pid.read_text()), 0)

    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
