"""The kubernetes plugin's Helm releases: the real helm against a real API server."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.plugins.kubernetes.client import Client
from localcloud.plugins.kubernetes.helm import records
from localcloud.plugins.values import UNKNOWN, Secret, from_struct
from localcloud.tools import find
from tests.local.plugins.kubernetes_control_plane import BAD
from tests.unit.localcloud.plugins.kubernetes.engine import Engine, Refused, Resource, urn

Obj = dict[str, Any]
RELEASE = "kubernetes:helm.sh/v3:Release"
TEMPLATE = """
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}}
stringData: {word: {{ .Values.word | quote }}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}, app.kubernetes.io/instance: {{ .Release.Name }}}}
    spec: {containers: [{name: c, image: {{ .Values.image }}}]}
"""


@pytest.fixture
def engine(kubernetes: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    helm = find().binary("helm").parent
    monkeypatch.setenv("PATH", f"{helm}{os.pathsep}{os.environ['PATH']}")
    with Engine(kubeconfig=kubernetes) as running:
        yield running


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    return write_chart(tmp_path / "thing", "1.2.3")


def write_chart(folder: Path, version: str) -> Path:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(
        f"apiVersion: v2\nname: thing\nversion: {version}\nappVersion: '9'\n"
    )
    (folder / "values.yaml").write_text("word: nothing\nreplicas: 1\nimage: ok\n")
    (folder / "templates" / "all.yaml").write_text(TEMPLATE)
    return folder


def client(engine: Engine) -> Client:
    assert engine.provider.cluster is not None
    return engine.provider.cluster.client


def test_a_release_goes_through_its_life(engine: Engine, chart: Path) -> None:
    inputs = {"chart": str(chart), "values": {"word": Secret("hush")}, "compat": "true"}
    foretold = engine.create(RELEASE, "life", inputs, preview=True)
    assert foretold.outputs["status"] is UNKNOWN
    made = engine.create(RELEASE, "life", inputs)
    name = made.inputs["name"]
    assert name.startswith("life-")
    assert made.id == f"default/{name}"
    assert made.inputs["version"] == "1.2.3"
    assert made.inputs["timeout"] == 300
    assert "compat" not in made.inputs
    assert made.outputs["values"] == {"word": Secret("hush")}
    assert made.outputs["status"] == {
        "appVersion": "9",
        "chart": "thing",
        "name": name,
        "namespace": "default",
        "revision": 1,
        "status": "deployed",
        "version": "1.2.3",
    }
    assert made.outputs["resourceNames"] == {"Deployment.apps/apps/v1": [name], "Secret/v1": [name]}
    assert engine.read(made).inputs == made.inputs
    assert not engine.diff(made, inputs).detailedDiff
    more = {"chart": str(chart), "values": {"word": Secret("hush"), "replicas": 2}}
    assert list(engine.diff(made, more).detailedDiff) == ["values.replicas"]
    grown = engine.update(made, more)
    assert grown.outputs["status"]["revision"] == 2
    bare = engine.update(grown, {"chart": str(chart)})
    assert engine.read(grown).inputs["values"] == {}
    assert not engine.diff(engine.read(bare), {"chart": str(chart)}).detailedDiff
    engine.delete(made)
    assert engine.read(made).id == ""
    assert engine.import_gone("kubernetes:apps/v1:Deployment", made.id)


def test_a_release_that_fails_is_kept_with_the_reason_and_can_be_run_again(
    engine: Engine, chart: Path
) -> None:
    bad = {"chart": str(chart), "name": "fails", "timeout": 2, "values": {"image": BAD}}
    with pytest.raises(Refused) as caught:
        engine.create(RELEASE, "fails", bad)
    failure = caught.value.failure
    assert failure is not None
    assert failure.id == "default/fails"
    assert "was not installed" in failure.reasons[0]
    assert any("ImagePullBackOff" in reason for reason in failure.reasons)
    outputs = from_struct(failure.properties)
    assert outputs["status"]["status"] == "failed"
    inputs, _ = engine.check(RELEASE, "fails", bad)
    kept = Resource(urn(RELEASE, "fails"), failure.id, inputs, outputs)
    with pytest.raises(Refused, match="is failed"):
        engine.read(kept)
    better = engine.update(kept, {**bad, "values": {"image": "ok"}, "timeout": 60})
    assert better.outputs["status"]["status"] == "deployed"
    engine.delete(better)


def test_an_atomic_release_that_fails_leaves_nothing(engine: Engine, chart: Path) -> None:
    bad = {"chart": str(chart), "name": "atom", "timeout": 2, "atomic": True,
           "values": {"image": BAD}}  # fmt: skip
    with pytest.raises(Refused, match="'atom' was not installed") as caught:
        engine.create(RELEASE, "atom", bad)
    assert caught.value.failure is None


def test_what_a_killed_run_began_is_gone_on_with(engine: Engine, chart: Path) -> None:
    inputs = {"chart": str(chart), "name": "killed"}
    made = engine.create(RELEASE, "killed", inputs)
    assert engine.provider.cluster is not None
    record = records.newest(engine.provider.cluster, "default", "killed")
    assert record is not None
    path = f"/api/v1/namespaces/default/secrets/{record.secret}"
    pending = client(engine).get(path)
    pending["metadata"]["labels"]["status"] = "pending-install"
    client(engine)._json("PUT", path, None, pending, "application/json")
    again = engine.create(RELEASE, "killed", inputs)
    assert again.outputs["status"]["status"] == "deployed"
    with pytest.raises(Refused, match="did not make it"):
        engine.create(RELEASE, "another", inputs)
    engine.delete(made)


def test_drift_of_a_release_is_seen(engine: Engine, chart: Path) -> None:
    made = engine.create(RELEASE, "drift", {"chart": str(chart), "name": "drift"})
    other = {"chart": str(chart), "name": "drift", "values": {"word": "other"}}
    engine.update(made, other)
    assert engine.read(made).inputs["values"] == {"word": "other"}
    engine.delete(made)


def test_a_mirrored_chart_is_used_in_place_of_a_download(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_chart(tmp_path / "thing-4.5.6", "4.5.6")
    monkeypatch.setenv("LOCALCLOUD_CHARTS", str(tmp_path))
    inputs = {
        "chart": "thing",
        "version": "4.5.6",
        "name": "mirrored",
        "repositoryOpts": {"repo": "http://127.0.0.1:9/none"},
        "namespace": "fresh",
        "createNamespace": True,
    }
    made = engine.create(RELEASE, "mirrored", inputs)
    assert made.outputs["status"]["version"] == "4.5.6"
    assert made.id == "fresh/mirrored"
    engine.delete(made)


def test_a_chart_that_cannot_be_had_is_a_failure_of_the_chart(engine: Engine) -> None:
    repository = {"repo": "http://127.0.0.1:9/none"}
    _, failures = engine.check(RELEASE, "x", {"chart": "thing", "repositoryOpts": repository})
    assert "127.0.0.1:9" in failures["chart"]


def test_cancel_ends_helm(kubernetes: str, engine: Engine, chart: Path) -> None:
    import threading

    failed = list[Refused]()

    def make() -> None:
        with pytest.raises(Refused) as caught:
            engine.create(
                RELEASE, "c", {"chart": str(chart), "name": "c", "values": {"image": BAD}}
            )
        failed.append(caught.value)

    waiting = threading.Thread(target=make)
    waiting.start()
    assert engine.saw("to be installed")
    wait_for_record(engine, "c")
    engine.provider.cancelled.set()
    waiting.join(15)
    assert "cancelled" in str(failed[0])
    with Engine(kubeconfig=kubernetes) as after:
        made = after.create(RELEASE, "c", {"chart": str(chart), "name": "c"})
        after.delete(made)


def wait_for_record(engine: Engine, name: str) -> None:
    """Return once helm has begun a release."""
    from localcloud.plugins.kubernetes.follow import Collection, Follow

    secrets = Collection("/api/v1/namespaces/default/secrets", labels=f"owner=helm,name={name}")
    with Follow(client(engine), {"secrets": secrets}) as follow:
        while not follow.objects("secrets"):
            assert follow.changed(20)
