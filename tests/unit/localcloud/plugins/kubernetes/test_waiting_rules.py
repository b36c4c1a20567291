"""The rules of readiness, as judgements of what the API server would show."""

from typing import Any

import pytest

from localcloud.plugins.kubernetes.kinds import from_api_version
from localcloud.plugins.kubernetes.objects import label_selector
from localcloud.plugins.kubernetes.waiting.rule import Verdict, View
from localcloud.plugins.kubernetes.waiting.rules import rule_of

Obj = dict[str, Any]
POD = {"metadata": {"name": "p", "ownerReferences": [{"uid": "u"}]}}


def judge(obj: Obj, **others: list[Obj]) -> Verdict:
    rule = rule_of(from_api_version(obj["apiVersion"], obj["kind"]), obj)
    related: dict[str, list[Obj]] = {key: [] for key in rule.related(obj)}
    return rule.judge(View(obj, {**related, **others}))


def made(kind: str, spec: Obj | None = None, status: Obj | None = None, **metadata: Any) -> Obj:
    api_version, _, name = kind.rpartition("/")
    return {
        "apiVersion": api_version,
        "kind": name,
        "metadata": {"name": "x", "uid": "u", "generation": 2, **metadata},
        "spec": spec or {},
        "status": {"observedGeneration": 2, **(status or {})},
    }


def conditions(**states: str) -> Obj:
    reasons = {"Progressing": "NewReplicaSetAvailable"}
    return {"conditions": [
        {"type": key, "status": value, "reason": reasons.get(key, "Because"), "message": "words"}
        for key, value in states.items()
    ]}  # fmt: skip


def deployment(**changes: Any) -> Obj:
    status = {"updatedReplicas": 2, **conditions(Available="True", Progressing="True"), **changes}
    notes = {"deployment.kubernetes.io/revision": "3"}
    return made("apps/v1/Deployment", {"replicas": 2}, status, annotations=notes)


def replica_set(revision: str = "3", ready: int = 2) -> Obj:
    return {
        "metadata": {
            "uid": "rs",
            "ownerReferences": [{"uid": "u"}],
            "annotations": {"deployment.kubernetes.io/revision": revision},
        },
        "status": {"readyReplicas": ready},
    }


def test_a_deployment_is_ready_when_its_newest_revision_is() -> None:
    assert judge(deployment(), sets=[replica_set()]).ready


@pytest.mark.parametrize(
    ("changes", "sets"),
    [
        ({"observedGeneration": 1}, [replica_set()]),
        ({}, []),
        ({}, [replica_set("2")]),
        ({}, [replica_set(ready=1)]),
        ({"updatedReplicas": 1}, [replica_set()]),
        (conditions(Available="False", Progressing="True"), [replica_set()]),
        (conditions(Available="True", Progressing="False"), [replica_set()]),
        ({"conditions": [{"type": "Progressing", "status": "True", "reason": "Scaling"},
                         {"type": "Available", "status": "True"}]}, [replica_set()]),
    ],
)  # fmt: skip
def test_a_deployment_is_not_ready_while_it_rolls_out(changes: Obj, sets: list[Obj]) -> None:
    assert not judge(deployment(**changes), sets=sets).ready


def test_a_deployment_tells_what_its_pods_and_conditions_say() -> None:
    pod = {
        "metadata": {"name": "p", "namespace": "n", "ownerReferences": [{"uid": "rs"}]},
        "status": {"containerStatuses": [
            {"name": "web", "ready": False,
             "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
             "lastState": {"terminated": {"exitCode": 2, "reason": "Error", "message": "boom"}}}
        ]},
    }  # fmt: skip
    status = conditions(Available="True", Progressing="False")
    verdict = judge(deployment(**status), sets=[replica_set(ready=0)], pods=[pod])
    assert verdict.message == "Waiting for app ReplicaSet to be available (0/2 Pods available)"
    assert verdict.problems == (
        "[NewReplicaSetAvailable] words",
        "[Pod n/p]: container 'web': [CrashLoopBackOff] back-off; "
        "container 'web' ended with exit code 2 (Error): boom before",
    )


def test_a_deployment_waits_for_its_volume_claims() -> None:
    own = deployment()
    own["spec"]["template"] = {
        "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}, {"name": "other"}]}
    }
    claim = {"metadata": {"name": "data"}, "status": {"phase": "Pending"}}
    verdict = judge(own, sets=[replica_set()], claims=[claim])
    assert not verdict.ready
    assert "[data] is not ready" in verdict.problems[0]


@pytest.mark.parametrize(
    ("spec", "status", "ready"),
    [
        ({}, {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1,
              "currentRevision": "a", "updateRevision": "a"}, True),
        ({}, {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1,
              "currentRevision": "a", "updateRevision": "b"}, False),
        ({}, {"replicas": 1, "readyReplicas": 0, "updatedReplicas": 1}, False),
        ({}, {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 0}, False),
        ({"updateStrategy": {"type": "OnDelete"}},
         {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 0}, True),
        ({}, {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1}, False),
        ({"replicas": 0}, {"currentRevision": "a", "updateRevision": "a"}, True),
    ],
)  # fmt: skip
def test_a_stateful_set(spec: Obj, status: Obj, ready: bool) -> None:
    assert judge(made("apps/v1/StatefulSet", spec, status), pods=[]).ready is ready


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        ({}, False),
        ({"desiredNumberScheduled": 0}, True),
        ({"desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberAvailable": 1,
          "numberReady": 1}, True),
        ({"desiredNumberScheduled": 1, "updatedNumberScheduled": 0, "numberAvailable": 1,
          "numberReady": 1}, False),
    ],
)  # fmt: skip
def test_a_daemon_set(status: Obj, ready: bool) -> None:
    assert judge(made("apps/v1/DaemonSet", {}, status), pods=[]).ready is ready


def endpoints(*ready: bool | None) -> list[Obj]:
    return [{"endpoints": [{"conditions": {} if r is None else {"ready": r}} for r in ready],
             "metadata": {"labels": {"kubernetes.io/service-name": "x"}}}]  # fmt: skip


SELECTS = {"selector": {"a": "b"}}
BALANCES = {**SELECTS, "type": "LoadBalancer"}
ADDRESS = {"loadBalancer": {"ingress": [{"hostname": "lb"}]}}


@pytest.mark.parametrize(
    ("spec", "status", "slices", "ready"),
    [
        (SELECTS, {}, endpoints(True, None), True),
        (SELECTS, {}, endpoints(True, False), False),
        (SELECTS, {}, endpoints(), False),
        ({**SELECTS, "clusterIP": "None"}, {}, [], True),
        ({**SELECTS, "type": "ExternalName"}, {}, [], True),
        ({}, {}, [], True),
        (BALANCES, {}, endpoints(True), False),
        (BALANCES, ADDRESS, endpoints(True), True),
        ({"type": "LoadBalancer"}, {}, [], False),
        ({"type": "LoadBalancer"}, ADDRESS, [], True),
    ],
)
def test_a_service(spec: Obj, status: Obj, slices: list[Obj], ready: bool) -> None:
    assert judge(made("v1/Service", spec, status), slices=slices).ready is ready


def test_a_service_that_no_pod_matches_is_ready_when_nothing_changes() -> None:
    assert judge(made("v1/Service", SELECTS), slices=endpoints()).quiet == 10
    assert judge(made("v1/Service", SELECTS), slices=endpoints(False)).quiet == 0
    assert judge(made("v1/Service", BALANCES), slices=endpoints()).quiet == 0


def ingress(*services: str, **status: Any) -> Obj:
    paths = [{"path": "/", "backend": {"service": {"name": name}}} for name in services]
    rules = [{"host": "h", "http": {"paths": paths}}]
    return made("networking.k8s.io/v1/Ingress", {"rules": rules}, status)


def test_an_ingress_waits_for_its_services_and_its_address() -> None:
    service = {"metadata": {"name": "x"}, "spec": {"type": "NodePort"}}
    far = {"metadata": {"name": "far"}, "spec": {"type": "ExternalName"}}
    there = {"services": [service, far], "slices": endpoints(True)}
    assert judge(ingress("x", "far", **ADDRESS), **there).ready
    assert "hostname" in judge(ingress("x"), **there).problems[0]
    verdict = judge(ingress("x", "none", **ADDRESS), **there)
    assert not verdict.ready
    assert verdict.problems == ("No matching service found for ingress rule: h/ -> 'none'",)


@pytest.mark.parametrize(
    ("kind", "spec", "status", "ready"),
    [
        ("v1/Namespace", {}, {"phase": "Active"}, True),
        ("v1/Namespace", {}, {"phase": "Terminating"}, False),
        ("v1/Pod", {}, conditions(Ready="True"), True),
        ("v1/Pod", {}, {"phase": "Succeeded"}, True),
        ("v1/Pod", {}, {"phase": "Running"}, False),
        ("v1/PersistentVolume", {}, {"phase": "Available"}, True),
        ("v1/PersistentVolume", {}, {"phase": "Pending"}, False),
        ("v1/ResourceQuota", {"hard": {"pods": "1"}}, {"hard": {"pods": "1"}}, True),
        ("v1/ResourceQuota", {"hard": {"pods": "1"}}, {}, False),
        ("v1/ServiceAccount", {}, {}, True),
        ("v1/Secret", {}, {}, True),
        ("batch/v1/Job", {}, conditions(Complete="True"), True),
        ("batch/v1/Job", {}, {"active": 1}, False),
        ("apps/v1/ReplicaSet", {"replicas": 2}, {"availableReplicas": 2}, True),
        ("apps/v1/ReplicaSet", {"replicas": 2}, {"availableReplicas": 1}, False),
        ("apiextensions.k8s.io/v1/CustomResourceDefinition", {}, conditions(Established="True"),
         True),
        ("apiextensions.k8s.io/v1/CustomResourceDefinition", {}, {}, False),
        ("example.com/v1/Thing", {}, {}, True),
        ("example.com/v1/Thing", {}, conditions(Ready="False"), False),
        ("example.com/v1/Thing", {}, conditions(Ready="True"), True),
        ("example.com/v1/Thing", {}, {**conditions(Ready="True"), "observedGeneration": 1}, False),
        ("rbac.authorization.k8s.io/v1/Role", {}, conditions(Ready="False"), True),
    ],
)  # fmt: skip
def test_the_rest(kind: str, spec: Obj, status: Obj, ready: bool) -> None:
    assert judge(made(kind, spec, status)).ready is ready


def test_what_cannot_become_ready_fails_at_once() -> None:
    assert judge(made("batch/v1/Job", {}, conditions(Failed="True"))).failed
    assert judge(made("v1/Pod", {}, {"phase": "Failed"})).failed
    refused = {"conditions": [{"type": "NamesAccepted", "status": "False", "reason": "Conflict"}]}
    assert judge(made("apiextensions.k8s.io/v1/CustomResourceDefinition", {}, refused)).failed


def test_a_claim_may_wait_for_its_first_pod() -> None:
    own = made("v1/PersistentVolumeClaim", {"storageClassName": "slow"}, {"phase": "Pending"})
    late = {"metadata": {"name": "slow"}, "volumeBindingMode": "WaitForFirstConsumer"}
    assert judge(own, classes=[late]).ready
    assert not judge(own, classes=[{**late, "volumeBindingMode": "Immediate"}]).ready


def test_a_token_secret_waits_for_its_token() -> None:
    own = {**made("v1/Secret"), "type": "kubernetes.io/service-account-token"}
    assert not judge(own).ready
    assert judge({**own, "data": {"token": "x"}}).ready


@pytest.mark.parametrize(
    ("wait_for", "ready"),
    [
        ("condition=Done", True),
        ("condition=done=true", False),
        ("condition=Done=False", False),
        ("condition=Other", False),
        ("jsonpath={.spec.list[1].a}", True),
        ("jsonpath={.spec.list[1].a}=2", True),
        ("jsonpath={.spec.list[0].a}=2", False),
        ("jsonpath={.spec.list[9].a}", False),
        ('["condition=Done", "jsonpath={.spec.none}"]', False),
    ],
)
def test_what_a_program_asks_to_wait_for(wait_for: str, ready: bool) -> None:
    own = made(
        "v1/ConfigMap",
        {"list": [{"a": 1}, {"a": 2}]},
        conditions(Done="True"),
        annotations={"pulumi.com/waitFor": wait_for},
    )
    assert judge(own).ready is ready


def test_skip_await_waits_for_nothing() -> None:
    notes = {"pulumi.com/skipAwait": "true"}
    assert judge(made("apps/v1/Deployment", annotations=notes)).ready


def test_selectors_are_spelt_as_the_api_takes_them() -> None:
    selector = {
        "matchLabels": {"b": "2", "a": "1"},
        "matchExpressions": [
            {"key": "c", "operator": "In", "values": ["x", "y"]},
            {"key": "d", "operator": "NotIn", "values": ["z"]},
            {"key": "e", "operator": "Exists"},
            {"key": "f", "operator": "DoesNotExist"},
        ],
    }
    assert label_selector(selector) == "a=1,b=2,c in (x,y),d notin (z),e,!f"
