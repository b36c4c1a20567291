"""What the plugin does about the API server's refusals, and about one that does not answer."""

import threading

import pytest

from tests.unit.localcloud.plugins.kubernetes.api_server import ApiServer, kubeconfig, status
from tests.unit.localcloud.plugins.kubernetes.engine import Engine, Refused, Resource

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
MAPS = "/api/v1/namespaces/default/configmaps"
INPUTS = {"metadata": {"name": "m"}, "data": {"a": "1"}}
WEBHOOK = 'Internal error occurred: failed calling webhook "mservice.elbv2.k8s.aws": '
REFUSED = "dial tcp 10.0.0.1:9443: connect: connection refused"
NOBODY = "http://127.0.0.1:9"


def test_a_webhook_that_does_not_listen_yet_is_tried_again(api: ApiServer, engine: Engine) -> None:
    starting = status(500, "InternalError", WEBHOOK + REFUSED)
    api.fail("PATCH", f"{MAPS}/m", 500, starting, times=3)
    assert engine.create(CONFIG_MAP, "m", INPUTS).id == "default/m"
    assert api.count("PATCH", f"{MAPS}/m") == 4


def test_a_webhook_is_tried_no_longer_than_the_creation_may_take(
    api: ApiServer, engine: Engine
) -> None:
    starting = status(500, "InternalError", WEBHOOK + "no endpoints available for service")
    api.fail("PATCH", f"{MAPS}/m", 500, starting, times=1000)
    with pytest.raises(Refused, match="no endpoints available"):
        engine.create(CONFIG_MAP, "m", INPUTS, timeout=0.5)
    assert api.count("PATCH", f"{MAPS}/m") < 10


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (500, "etcdserver: request timed out"),
        (500, f"etcd: {REFUSED}"),
        (500, WEBHOOK + "x509: certificate signed by unknown authority"),
        (403, "admission webhook denied the request: connection refused"),
        (422, "spec.ports: Required value"),
    ],
)
def test_nothing_else_is_tried_again(
    api: ApiServer, engine: Engine, code: int, message: str
) -> None:
    api.fail("PATCH", f"{MAPS}/m", code, status(code, "Refused", message), times=9)
    with pytest.raises(Refused) as caught:
        engine.create(CONFIG_MAP, "m", INPUTS)
    assert message in str(caught.value)
    assert caught.value.failure is None
    assert api.count("PATCH", f"{MAPS}/m") == 1


def test_a_namespace_that_is_made_at_the_same_time_is_waited_for(
    api: ApiServer, engine: Engine
) -> None:
    missing = status(404, "NotFound", 'namespaces "default" not found', kind="namespaces")
    api.fail("PATCH", f"{MAPS}/m", 404, missing, times=2)
    assert engine.create(CONFIG_MAP, "m", INPUTS).id == "default/m"


def test_cancel_ends_the_tries(api: ApiServer, engine: Engine) -> None:
    starting = status(500, "InternalError", WEBHOOK + REFUSED)
    api.fail("PATCH", f"{MAPS}/m", 500, starting, times=10_000)
    threading.Timer(0.3, engine.provider.cancelled.set).start()
    with pytest.raises(Refused, match="cancelled"):
        engine.create(CONFIG_MAP, "m", INPUTS)


def test_an_api_server_that_is_busy_is_asked_when_it_says(api: ApiServer, engine: Engine) -> None:
    api.fail("PATCH", f"{MAPS}/m", 429, status(429, "TooManyRequests", "later"), 2, Retry_After="0")
    assert engine.create(CONFIG_MAP, "m", INPUTS).id == "default/m"


def test_an_update_without_changes_asks_nothing(api: ApiServer, engine: Engine) -> None:
    made = engine.create(CONFIG_MAP, "m", INPUTS)
    before = len(api.requests)
    assert not engine.diff(made, INPUTS).detailedDiff
    assert len(api.requests) == before


def test_warnings_of_the_api_server_are_shown_unless_suppressed(
    api: ApiServer, engine: Engine
) -> None:
    api.warning = "v1 ConfigMap is deprecated"
    engine.create(CONFIG_MAP, "m", INPUTS)
    assert engine.warnings == [api.warning]
    with Engine(kubeconfig=kubeconfig(api.url), suppressDeprecationWarnings="true") as quiet:
        quiet.create(CONFIG_MAP, "m", INPUTS)
        assert quiet.warnings == []


def test_what_the_plugin_applies_is_the_plain_object(api: ApiServer, engine: Engine) -> None:
    inputs = {"metadata": {"name": "m", "uid": "x", "labels": None}, "data": {"a": "1"}}
    engine.create(CONFIG_MAP, "m", inputs)
    _, _, query, body = api.requests[-1]
    assert body == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "m", "namespace": "default"},
        "data": {"a": "1"},
    }
    assert query["force"] == "false"
    assert query["fieldManager"].startswith("pulumi-kubernetes-")


def test_a_cluster_that_does_not_answer_is_named_and_previews_go_on() -> None:
    with Engine(kubeconfig=kubeconfig(NOBODY)) as engine:
        foretold = engine.create(CONFIG_MAP, "m", INPUTS, preview=True)
        assert foretold.outputs["data"] == {"a": "1"}
        with pytest.raises(Refused, match=r"127\.0\.0\.1:9 cannot be reached.*refused"):
            engine.create(CONFIG_MAP, "m", INPUTS)


def test_what_is_in_an_unreachable_cluster_is_dropped_or_kept_as_the_options_say() -> None:
    old = Resource("urn:pulumi:s::p::" + CONFIG_MAP + "::m", "default/m", INPUTS, INPUTS)
    with Engine(kubeconfig=kubeconfig(NOBODY)) as engine:
        for call in (engine.read, engine.delete):
            with pytest.raises(Refused, match="PULUMI_K8S_DELETE_UNREACHABLE"):
                call(old)
    with Engine(kubeconfig=kubeconfig(NOBODY), deleteUnreachable="true") as engine:
        assert engine.read(old).id == ""
        engine.delete(old)
    with Engine(kubeconfig=kubeconfig(NOBODY), skipUpdateUnreachable="true") as engine:
        assert engine.read(old).outputs == INPUTS
        assert engine.check(CONFIG_MAP, "m", {"data": {"a": "2"}}, INPUTS)[0] == INPUTS


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("kubernetes:yaml:ConfigFile", "not implemented"),
        ("kubernetes:helm.sh/v4:Chart", "not implemented"),
        ("kubernetes:kustomize/v2:Directory", "not implemented"),
        ("aws:s3/bucket:Bucket", "not a type of this plugin"),
    ],
)
def test_types_that_are_no_kinds_are_refused_by_name(
    engine: Engine, token: str, words: str
) -> None:
    with pytest.raises(Refused, match=f"{token} is {words}"):
        engine.check(token, "x", {})
