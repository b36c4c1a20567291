"""The kubernetes plugin against a real API server: objects made, changed, read and deleted."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.kubernetes.client import Client
from localcloud.plugins.values import UNKNOWN, Secret, from_struct, plain
from tests.local.plugins.kubernetes_control_plane import BAD
from tests.unit.localcloud.plugins.kubernetes.engine import Engine, Refused, Resource, urn

Obj = dict[str, Any]
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NAMESPACE = "kubernetes:core/v1:Namespace"
SECRET = "kubernetes:core/v1:Secret"
SERVICE = "kubernetes:core/v1:Service"
KINDS = provider_pb2.PropertyDiff


@pytest.fixture
def engine(kubernetes: str) -> Iterator[Engine]:
    with Engine(kubeconfig=kubernetes) as running:
        yield running


def client(engine: Engine) -> Client:
    assert engine.provider.cluster is not None
    return engine.provider.cluster.client


def named(name: str, **rest: Any) -> Obj:
    return {"metadata": {"name": name}, **rest}


def deployment(name: str, image: str = "ok", **metadata: Any) -> Obj:
    labels = {"app": name}
    return {
        "metadata": {"name": name, **metadata},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [
                        {"name": "c", "image": image, "resources": {"limits": {"cpu": "1000m"}}}
                    ]
                },
            },
        },
    }


def test_an_object_goes_through_its_life(engine: Engine) -> None:
    made = engine.create(CONFIG_MAP, "settings", {"data": {"a": "1"}})
    assert made.id.startswith("default/settings-")
    assert made.inputs["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    labelled = {"data": {"a": "1"}, "metadata": {"labels": {"team": "x"}}}
    changed = engine.update(made, labelled)
    assert changed.id == made.id
    assert changed.outputs["metadata"]["labels"] == {"team": "x"}
    assert engine.read(changed).inputs == changed.inputs
    engine.delete(changed)
    assert engine.read(changed).id == ""
    engine.delete(changed)  # a second time is no error


def test_a_refresh_shows_drift_and_only_drift(engine: Engine) -> None:
    made = engine.create(DEPLOYMENT, "drift", deployment("drift"))
    assert engine.read(made).inputs == made.inputs  # the server says cpu: "1"
    live = client(engine).get(f"/apis/apps/v1/namespaces/default/deployments/{made.id[8:]}")
    live["spec"]["replicas"] = 1
    client(engine)._json("PUT", "/apis/apps/v1/namespaces/default/deployments/drift", None, live,
                         "application/json")  # fmt: skip
    seen = engine.read_anyway(made)
    assert seen.inputs["spec"] == {**made.inputs["spec"], "replicas": 1}
    diff = engine.diff(seen, deployment("drift"))
    assert dict(diff.detailedDiff) == {"spec.replicas": KINDS(kind=KINDS.UPDATE, inputDiff=True)}
    engine.delete(made)


def test_another_selector_replaces_and_a_fixed_name_goes_first(engine: Engine) -> None:
    made = engine.create(DEPLOYMENT, "sel", deployment("sel"))
    other = deployment("sel")
    other["spec"]["selector"] = {"matchLabels": {"app": "sel", "tier": "web"}}
    other["spec"]["template"]["metadata"] = {"labels": {"app": "sel", "tier": "web"}}
    diff = engine.diff(made, other)
    assert list(diff.replaces) == ["spec.selector.matchLabels.tier"]
    assert diff.deleteBeforeReplace
    engine.delete(made)


def test_a_preview_asks_the_api_server_and_makes_nothing(engine: Engine) -> None:
    spec = {"ports": [{"port": 80}], "type": "NodePort"}
    foretold = engine.create(SERVICE, "dry", named("dry", spec=spec), preview=True)
    assert foretold.id == ""
    assert foretold.outputs["spec"]["clusterIP"] is UNKNOWN
    assert foretold.outputs["spec"]["ports"][0]["nodePort"] is UNKNOWN
    assert foretold.outputs["spec"]["ports"][0]["protocol"] == "TCP"
    assert "status" not in foretold.outputs
    with pytest.raises(Refused, match=r"spec\.ports: Required value"):
        engine.create(SERVICE, "dry", named("dry", spec={"type": "NodePort"}), preview=True)
    assert engine.import_gone(SERVICE, "default/dry")


def test_a_preview_with_unknowns_or_without_a_namespace_gives_the_inputs(engine: Engine) -> None:
    unknown = engine.create(CONFIG_MAP, "u", {"data": {"a": UNKNOWN}}, preview=True)
    assert unknown.outputs["data"] == {"a": UNKNOWN}
    later = {"metadata": {"name": "x", "namespace": "not-yet"}, "data": {"a": "1"}}
    assert engine.create(CONFIG_MAP, "x", later, preview=True).outputs["data"] == {"a": "1"}


def test_what_somebody_else_made_is_not_taken_over(engine: Engine) -> None:
    made = engine.create(CONFIG_MAP, "one", named("theirs"))
    with pytest.raises(Refused, match="already exists and this resource did not make it") as caught:
        engine.create(CONFIG_MAP, "other", named("theirs"))
    assert caught.value.failure is None
    engine.delete(made)


def test_what_a_killed_run_made_is_adopted(engine: Engine) -> None:
    first = engine.create(NAMESPACE, "again", named("again"))
    second = engine.create(NAMESPACE, "again", named("again"))
    assert second.outputs["metadata"]["uid"] == first.outputs["metadata"]["uid"]
    engine.delete(second)


def test_upsert_takes_over(kubernetes: str, engine: Engine) -> None:
    made = engine.create(CONFIG_MAP, "one", named("up", data={"a": "1"}))
    with Engine(kubeconfig=kubernetes, upsertExistingObjects="true") as upserting:
        both = upserting.create(CONFIG_MAP, "two", named("up", data={"b": "2"}))
        assert both.outputs["data"] == {"a": "1", "b": "2"}
    engine.delete(made)


def test_a_conflict_names_the_field_and_its_manager(engine: Engine) -> None:
    made = engine.create(DEPLOYMENT, "c", deployment("conflict"))
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "conflict"},
            "spec": {"replicas": 3}}  # fmt: skip
    path = "/apis/apps/v1/namespaces/default/deployments/conflict"
    client(engine).apply(path, body, {"fieldManager": "autoscaler", "force": "true"}, print)
    four = deployment("conflict")
    four["spec"]["replicas"] = 4
    with pytest.raises(Refused, match=r'conflict with "autoscaler": \.spec\.replicas'):
        engine.update(made, four)
    ignored = engine.update(made, four, ignore=("spec.replicas",))
    assert ignored.outputs["spec"]["replicas"] == 3
    four["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
    assert engine.update(made, four).outputs["spec"]["replicas"] == 4
    engine.delete(made)


def test_fields_of_kubectl_are_taken_over_after_an_import(engine: Engine) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "k"}, "data": {"a": "1"}}
    query = {"fieldManager": "kubectl-client-side-apply"}
    client(engine).create("/api/v1/namespaces/default/configmaps", body, query, print)
    seen = engine.import_(CONFIG_MAP, "k", "default/k")
    assert seen.inputs == {**body, "metadata": {"name": "k", "namespace": "default"}}
    changed = engine.update(seen, named("k", data={"a": "2"}))
    assert changed.outputs["data"] == {"a": "2"}
    engine.delete(changed)


def test_secrets_stay_secret(engine: Engine) -> None:
    made = engine.create(SECRET, "s", named("s", stringData={"pw": Secret("x")}))
    assert plain(made.inputs["stringData"]) == {"pw": "x"}
    assert made.outputs["data"] == Secret({"pw": "eA=="})
    assert engine.read(made).inputs["stringData"] == Secret({"pw": "x"})
    diff = engine.diff(engine.read(made), named("s", stringData={"pw": Secret("x")}))
    assert diff.changes == provider_pb2.DiffResponse.DIFF_NONE
    mixed = engine.create(CONFIG_MAP, "m", named("m", data={"a": Secret("x"), "b": "y"}))
    assert mixed.outputs["data"] == {"a": Secret("x"), "b": "y"}
    engine.delete(made)
    engine.delete(mixed)


def test_a_custom_resource_waits_for_its_definition(engine: Engine) -> None:
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget"}
    schema = {"openAPIV3Schema": {"type": "object", "x_kubernetes_preserve_unknown_fields": True}}
    spec = {
        "group": "example.com",
        "scope": "Cluster",
        "names": names,
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
    }
    definition = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
    widget, made = "kubernetes:example.com/v1:Widget", list[Resource]()

    def make() -> None:
        # In the background: the garbage collector takes half a minute to know a new kind.
        notes = {"pulumi.com/deletionPropagationPolicy": "background"}
        body = {"metadata": {"name": "w", "annotations": notes}, "spec": {"a": 1}}
        made.append(engine.create(widget, "w", body))

    early = threading.Thread(target=make)
    early.start()
    crd = engine.create(definition, "crd", named("widgets.example.com", spec=spec))
    kept = crd.outputs["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert kept["x_kubernetes_preserve_unknown_fields"] is True
    early.join(40)
    assert made[0].id == "w"  # cluster-scoped: no namespace, though none could tell at first
    diff = engine.diff(made[0], made[0].inputs)
    assert not diff.replaces
    engine.delete(made[0])
    engine.delete(crd)
    assert engine.read(made[0]).id == ""


def test_a_kind_that_nobody_serves_is_named(engine: Engine) -> None:
    with pytest.raises(Refused, match=r"no kind nothing\.example\.com/v1/Nothing"):
        engine.create("kubernetes:nothing.example.com/v1:Nothing", "n", named("n"), timeout=1)


def test_a_deployment_that_cannot_start_is_kept_with_the_reason(engine: Engine) -> None:
    with pytest.raises(Refused) as caught:
        engine.create(DEPLOYMENT, "bad", deployment("bad", BAD), timeout=2)
    failure = caught.value.failure
    assert failure is not None
    assert failure.id == "default/bad"
    assert "timed out waiting to be Ready (2 s)" in failure.reasons[0]
    assert any("[ImagePullBackOff] Back-off pulling" in reason for reason in failure.reasons)
    kept = Resource(urn(DEPLOYMENT, "bad"), failure.id, {}, from_struct(failure.properties))
    kept.inputs, _ = engine.check(DEPLOYMENT, "bad", deployment("bad", BAD))
    better = engine.update(kept, deployment("bad", "ok"))
    assert better.outputs["status"]["readyReplicas"] == 2
    engine.delete(better)


def test_cancel_ends_a_wait_at_once(kubernetes: str) -> None:
    with Engine(kubeconfig=kubernetes) as engine:
        failed = list[Refused]()

        def make() -> None:
            with pytest.raises(Refused) as caught:
                engine.create(DEPLOYMENT, "stop", deployment("stop", BAD))
            failed.append(caught.value)

        waiting = threading.Thread(target=make)
        waiting.start()
        assert engine.saw("0/2 Pods available")
        engine.provider.cancelled.set()
        waiting.join(5)
        assert failed[0].failure is not None
        assert "was cancelled" in failed[0].failure.reasons[0]
    with Engine(kubeconfig=kubernetes) as after:
        failure = failed[0].failure
        properties = from_struct(failure.properties)
        after.delete(Resource(urn(DEPLOYMENT, "stop"), failure.id, {}, properties))


def test_services_and_ingresses_wait_for_what_is_behind_them(engine: Engine) -> None:
    back = engine.create(DEPLOYMENT, "back", deployment("back"))
    spec = {"selector": {"app": "back"}, "ports": [{"port": 80}]}
    service = engine.create(SERVICE, "back", named("back", spec=spec))
    name = engine.create(
        SERVICE, "far", named("far", spec={"type": "ExternalName", "externalName": "example.com"})
    )
    paths = [
        {"path": f"/{target}", "pathType": "Prefix",
         "backend": {"service": {"name": target, "port": {"number": 80}}}}
        for target in ("back", "far")
    ]  # fmt: skip
    ingress = {
        "metadata": {"name": "front", "labels": {"address": "yes"}},
        "spec": {"rules": [{"host": "a.example.com", "http": {"paths": paths}}]},
    }
    front = engine.create("kubernetes:networking.k8s.io/v1:Ingress", "front", ingress)
    assert front.outputs["status"]["loadBalancer"]["ingress"][0]["hostname"] == "lb.example.com"
    for item in (front, name, service, back):
        engine.delete(item)


def test_a_load_balancer_without_an_address_is_kept_with_the_reason(engine: Engine) -> None:
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}]}
    with pytest.raises(Refused) as caught:
        engine.create(SERVICE, "lb", named("lb", spec=spec), timeout=1)
    assert caught.value.failure is not None
    assert any("not allocated an IP address" in text for text in caught.value.failure.reasons)
    properties = from_struct(caught.value.failure.properties)
    engine.delete(Resource(urn(SERVICE, "lb"), "default/lb", {}, properties))


def test_jobs_succeed_or_fail_at_once(engine: Engine) -> None:
    def job(name: str, image: str) -> Obj:
        pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": image}]}
        return named(name, spec={"backoffLimit": 0, "template": {"spec": pod}})

    good = engine.create("kubernetes:batch/v1:Job", "good", job("good", "ok"))
    assert good.outputs["status"]["succeeded"] == 1
    with pytest.raises(Refused, match="BackoffLimitExceeded") as caught:
        engine.create("kubernetes:batch/v1:Job", "poor", job("poor", BAD))
    assert caught.value.failure is not None
    engine.delete(good)


def test_a_deletion_that_a_finalizer_holds_says_so(engine: Engine) -> None:
    held = {"metadata": {"name": "held", "finalizers": ["example.com/hold"]}, "data": {"a": "1"}}
    made = engine.create(CONFIG_MAP, "held", held)
    with pytest.raises(Refused, match=r"finalizers hold it: .*example.com/hold"):
        engine.delete(made, timeout=1)
    live = client(engine).get("/api/v1/namespaces/default/configmaps/held")
    live["metadata"]["finalizers"] = []
    client(engine)._json("PUT", "/api/v1/namespaces/default/configmaps/held", None, live,
                         "application/json")  # fmt: skip
    engine.delete(made)


def test_the_api_servers_warnings_are_shown(engine: Engine) -> None:
    made = engine.create("kubernetes:core/v1:Endpoints", "old", named("old"))
    assert any("deprecated" in text for text in engine.warnings)
    engine.delete(made)


def test_what_is_waited_for_can_be_said(engine: Engine) -> None:
    expression = {"pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0].hostname}"}
    spec = {"defaultBackend": {"service": {"name": "none", "port": {"number": 80}}}}
    body = {
        "metadata": {"name": "w", "labels": {"address": "y"}, "annotations": expression},
        "spec": spec,
    }
    made = engine.create("kubernetes:networking.k8s.io/v1:Ingress", "w", body)
    assert made.outputs["status"]["loadBalancer"]["ingress"]
    engine.delete(made)
    skipped = deployment("skip", BAD, annotations={"pulumi.com/skipAwait": "true"})
    engine.delete(engine.create(DEPLOYMENT, "skip", skipped))
