"""Workloads: Deployments, StatefulSets, DaemonSets, ReplicaSets and Jobs."""

from collections.abc import Mapping

from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.objects import (
    Obj,
    annotation,
    condition,
    is_true,
    label_selector,
    observed,
    owned_by,
    pluck,
)
from localcloud.plugins.kubernetes.waiting.pods import problems
from localcloud.plugins.kubernetes.waiting.rule import POD, Related, Verdict, View

_REVISION = "deployment.kubernetes.io/revision"
_REPLICA_SET = Kind("apps", "v1", "ReplicaSet")
_CLAIM = Kind("", "v1", "PersistentVolumeClaim")


def own_pods(own: Obj) -> Mapping[str, Related]:
    """The pods that the object's selector names."""
    return {"pods": Related(POD, labels=_selector(own))}


def deployment_related(own: Obj) -> Mapping[str, Related]:
    """A Deployment's ReplicaSets and pods, and the volume claims if it has any."""
    related = {**own_pods(own), "sets": Related(_REPLICA_SET, labels=_selector(own))}
    return {**related, "claims": Related(_CLAIM)} if _claim_names(own) else related


def deployment(view: View) -> Verdict:
    """Ready when the newest revision is rolled out.

    That is: the controller has seen this generation, it is Available and its progress is
    NewReplicaSetAvailable, and the ReplicaSet of its revision has all its pods ready.
    """
    own = view.own
    if not observed(own):
        return Verdict(False, "Waiting for the Deployment controller")
    revision = annotation(own, _REVISION)
    current = [
        item
        for item in view.others["sets"]
        if owned_by(item, own) and annotation(item, _REVISION) == revision
    ]
    wanted = pluck(own, "spec", "replicas", default=1)
    ready = pluck(current[0], "status", "readyReplicas", default=0) if current else 0
    updated = pluck(own, "status", "updatedReplicas", default=0)
    pods = [pod for pod in view.others["pods"] if current and owned_by(pod, current[0])]
    found = [*_unmet(own), *problems(pods), *_unbound(own, view)]
    progress = condition(own, "Progressing")
    done = (
        bool(current)
        and min(ready, updated) >= wanted
        and is_true(own, "Available")
        and (progress.get("status"), progress.get("reason")) == ("True", "NewReplicaSetAvailable")
    )
    if done and not list(_unbound(own, view)):
        return Verdict(True, "Deployment initialization complete")
    text = f"Waiting for app ReplicaSet to be available ({ready}/{wanted} Pods available)"
    return Verdict(False, text, tuple(found))


def stateful_set(view: View) -> Verdict:
    """Ready when all pods are ready and of the newest revision (unless updated OnDelete)."""
    own, status = view.own, view.own.get("status") or {}
    found = tuple(problems(pod for pod in view.others["pods"] if owned_by(pod, own)))
    if not observed(own):
        return Verdict(False, "Waiting for the StatefulSet controller", found)
    wanted = pluck(own, "spec", "replicas", default=1)
    ready = status.get("readyReplicas", 0)
    counts = [status.get("replicas", 0), ready]
    on_delete = pluck(own, "spec", "updateStrategy", "type") == "OnDelete"
    partition = pluck(own, "spec", "updateStrategy", "rollingUpdate", "partition", default=0)
    if not on_delete and not partition:
        counts.append(status.get("updatedReplicas", 0))
    if any(count != wanted for count in counts):
        return Verdict(False, f"Waiting for StatefulSet Pods ({ready}/{wanted} Pods ready)", found)
    current, newest = status.get("currentRevision"), status.get("updateRevision")
    if not on_delete and not partition and current != newest:
        text = f"Waiting for StatefulSet to advance from revision {current!r} to {newest!r}"
        return Verdict(False, text, (*found, text))
    return Verdict(True, "StatefulSet initialization complete")


def daemon_set(view: View) -> Verdict:
    """Ready when every node that should has an updated, available and ready pod."""
    own, status = view.own, view.own.get("status") or {}
    found = tuple(problems(pod for pod in view.others["pods"] if owned_by(pod, own)))
    wanted = status.get("desiredNumberScheduled")
    if not observed(own) or wanted is None:
        return Verdict(False, "Waiting for the DaemonSet controller", found)
    counts = [
        status.get(key, 0) for key in ("updatedNumberScheduled", "numberAvailable", "numberReady")
    ]
    if any(count < wanted for count in counts):
        return Verdict(False, f"Waiting for DaemonSet Pods ({min(counts)}/{wanted} ready)", found)
    return Verdict(True, f"All {wanted} DaemonSet Pods are ready")


def replica_set(view: View) -> Verdict:
    """A ReplicaSet or ReplicationController is ready when all its pods are available."""
    own = view.own
    wanted = pluck(own, "spec", "replicas", default=1)
    available = pluck(own, "status", "availableReplicas", default=0)
    if observed(own) and available >= wanted:
        return Verdict(True, "All replicas are available")
    found = tuple(problems(pod for pod in view.others["pods"] if owned_by(pod, own)))
    return Verdict(False, f"Waiting for replicas ({available}/{wanted} available)", found)


def job(view: View) -> Verdict:
    """Ready when complete; failed at once when the Job gave up."""
    own, status = view.own, view.own.get("status") or {}
    if is_true(own, "Complete"):
        return Verdict(True, "Job is complete")
    found = list(problems(pod for pod in view.others["pods"] if owned_by(pod, own)))
    failure = condition(own, "Failed")
    if failure.get("status") == "True":
        text = f"[{failure.get('reason')}] {failure.get('message')}"
        return Verdict(False, text, (text, *found), failed=True)
    counts = " | ".join(f"{key}: {status.get(key.lower(), 0)}" for key in _JOB_COUNTS)
    return Verdict(False, f"Waiting for Job to succeed ({counts})", tuple(found))


_JOB_COUNTS = ("Active", "Succeeded", "Failed")


def _selector(own: Obj) -> str:
    selector = pluck(own, "spec", "selector", default={})
    # ReplicationControllers have plain labels there.
    plain = selector and not {"matchLabels", "matchExpressions"} & selector.keys()
    return label_selector({"matchLabels": selector} if plain else selector)


def _unmet(own: Obj) -> list[str]:
    unmet = [condition(own, key) for key in ("Available", "Progressing", "ReplicaFailure")]
    bad = [c for c in unmet if c and c["status"] == _BAD.get(c["type"], "False")]
    return [f"[{c.get('reason')}] {c.get('message')}" for c in bad]


_BAD = {"ReplicaFailure": "True"}


def _claim_names(own: Obj) -> list[str]:
    volumes = pluck(own, "spec", "template", "spec", "volumes", default=[])
    names = [pluck(volume, "persistentVolumeClaim", "claimName") for volume in volumes]
    return [str(name) for name in names if name]


def _unbound(own: Obj, view: View) -> list[str]:
    phases = {
        pluck(claim, "metadata", "name"): pluck(claim, "status", "phase", default="Pending")
        for claim in view.others.get("claims", [])
    }
    return [
        f"PersistentVolumeClaim: [{name}] is not ready. status.phase currently at: {phases[name]}"
        for name in _claim_names(own)
        if phases.get(name, "Bound") != "Bound"
    ]
