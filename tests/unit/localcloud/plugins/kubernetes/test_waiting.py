"""Waits against an API server whose every change the test makes itself."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty

from localcloud.plugins.kubernetes.reports import Report
from tests.unit.localcloud.plugins.kubernetes.api_server import ApiServer
from tests.unit.localcloud.plugins.kubernetes.engine import Engine, Refused, Resource, urn

SERVICE = "kubernetes:core/v1:Service"
ROOT = "/api/v1/namespaces/default"
PATH = f"{ROOT}/services/s"
BALANCED: dict[str, Any] = {
    "metadata": {"name": "s"},
    "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
}
READY = {"loadBalancer": {"ingress": [{"hostname": "lb"}]}}
MAP = "kubernetes:core/v1:ConfigMap"


class Making(threading.Thread):
    """A create (or another call) that runs beside the test."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.call = call
        self.made: Any = None
        self.refused: Refused | None = None
        self.start()

    def run(self) -> None:
        try:
            self.made = self.call()
        except Refused as error:
            self.refused = error

    def done(self) -> "Making":
        self.join(10)
        assert not self.is_alive()
        return self


def balanced(api: ApiServer, engine: Engine, timeout: float = 0) -> Making:
    making = Making(lambda: engine.create(SERVICE, "s", BALANCED, timeout=timeout))
    for _ in ("services", "events"):
        assert api.watching.acquire(timeout=5)
    return making


def test_a_service_is_ready_with_the_event_that_says_so(api: ApiServer, engine: Engine) -> None:
    making = balanced(api, engine)
    asked = len(api.requests)
    live = {**api.objects[PATH], "status": READY}
    api.put(PATH, live)
    made = making.done().made
    assert made is not None
    assert made.outputs["status"]["loadBalancer"]["ingress"] == [{"hostname": "lb"}]
    assert len(api.requests) == asked  # what was watched was not asked for again
    assert engine.statuses[0].startswith("[2/3] Attempting to allocate IP address")
    assert engine.statuses[-1] == ""


def test_the_clusters_own_warnings_are_among_the_reasons(api: ApiServer, engine: Engine) -> None:
    making = balanced(api, engine, timeout=1)
    uid = api.objects[PATH]["metadata"]["uid"]
    for name, type_, about in (("a", "Warning", uid), ("b", "Normal", uid), ("c", "Warning", "x")):
        api.put(f"{ROOT}/events/{name}", {
            "type": type_, "reason": "FailedDeploy", "message": f"subnets of {name}",
            "involvedObject": {"uid": about},
        })  # fmt: skip
    refused = making.done().refused
    assert refused is not None
    assert refused.failure is not None
    assert refused.failure.id == "default/s"
    assert refused.failure.reasons[-1] == "FailedDeploy: subnets of a"
    assert not any("of b" in text or "of c" in text for text in refused.failure.reasons)


def test_an_object_that_is_deleted_meanwhile_is_not_waited_for(
    api: ApiServer, engine: Engine
) -> None:
    making = balanced(api, engine)
    api.remove(PATH)
    refused = making.done().refused
    assert refused is not None
    assert "deleted while it was waited for" in str(refused)


def test_cancel_ends_a_wait_at_once_and_keeps_the_object(api: ApiServer, engine: Engine) -> None:
    making = balanced(api, engine)
    engine.call("Cancel", Empty())
    refused = making.done().refused
    assert refused is not None
    assert refused.failure is not None
    assert "was cancelled" in refused.failure.reasons[0]


def test_what_is_shown_of_the_generation_before_is_not_judged(
    api: ApiServer, engine: Engine
) -> None:
    new: dict[str, Any] = {
        "metadata": {"name": "s", "labels": {"a": "b"}},
        "spec": BALANCED["spec"],
    }
    shown = {**new, "metadata": {**new["metadata"], "namespace": "default", "generation": 7}}
    api.put(PATH, {**shown, "status": READY})
    old = Resource(urn(SERVICE, "s"), "default/s", BALANCED, api.objects[PATH])
    answer = {**shown, "metadata": {**api.objects[PATH]["metadata"], "generation": 8}}
    api.fail("PATCH", PATH, 200, answer)  # applied, and the watch lags behind
    making = Making(lambda: engine.update(old, new))
    for _ in ("services", "events"):
        assert api.watching.acquire(timeout=5)
    assert not engine.saw("initialization complete", timeout=0.3)
    api.put(PATH, {**answer, "status": READY})
    assert making.done().made is not None


def test_a_deletion_waits_for_the_last_finalizer(api: ApiServer, engine: Engine) -> None:
    inputs = {"metadata": {"name": "m", "finalizers": ["hold"]}, "data": {"a": "1"}}
    made = engine.create(MAP, "m", inputs)
    deleting = Making(lambda: engine.delete(made))
    assert api.watching.acquire(timeout=5)
    assert engine.saw("finalizers hold it: hold")
    assert deleting.is_alive()
    api.remove(f"{ROOT}/configmaps/m")
    assert deleting.done().refused is None


def test_a_deletion_that_is_cancelled_did_not_succeed(api: ApiServer, engine: Engine) -> None:
    inputs = {"metadata": {"name": "m", "finalizers": ["hold"]}, "data": {"a": "1"}}
    made = engine.create(MAP, "m", inputs)
    engine.provider.cancelled.set()
    with pytest.raises(Refused, match="deletion of 'm' was cancelled"):
        engine.delete(made)


def test_an_object_of_the_same_name_made_since_is_not_waited_for(
    api: ApiServer, engine: Engine
) -> None:
    inputs = {"metadata": {"name": "m", "finalizers": ["hold"]}, "data": {"a": "1"}}
    made = engine.create(MAP, "m", inputs)
    deleting = Making(lambda: engine.delete(made))
    assert api.watching.acquire(timeout=5)
    api.remove(f"{ROOT}/configmaps/m")
    api.put(f"{ROOT}/configmaps/m", {"metadata": {"name": "m"}})
    assert deleting.done().refused is None


def test_the_same_status_is_shown_once(engine: Engine) -> None:
    report = Report(engine.provider, "urn")
    for message in ("a", "a", "b"):
        report(message)
    report.clear()
    report.clear()
    assert engine.statuses == ["a", "b", ""]


@pytest.mark.parametrize(("policy", "sent"), [("", "Foreground"), ("orphan", "Orphan")])
def test_the_propagation_of_a_deletion(
    api: ApiServer, engine: Engine, policy: str, sent: str
) -> None:
    notes = {"pulumi.com/deletionPropagationPolicy": policy}
    made: Resource = engine.create(
        MAP, "m", {"metadata": {"name": "m", "annotations": notes}, "data": {"a": "1"}}
    )
    engine.delete(made)
    deletes = [body for method, _, _, body in api.requests if method == "DELETE"]
    assert [body["propagationPolicy"] for body in deletes] == [sent]
