"""Which rule a kind has."""

from collections.abc import Mapping

from localcloud.plugins.kubernetes.kinds import Kind, builtin_scope
from localcloud.plugins.kubernetes.objects import Obj, annotation
from localcloud.plugins.kubernetes.waiting import network, others, pods, workloads
from localcloud.plugins.kubernetes.waiting.annotations import SKIP_AWAIT, WAIT_FOR, judge_of
from localcloud.plugins.kubernetes.waiting.rule import Related, Rule

_STORAGE_CLASS = Kind("storage.k8s.io", "v1", "StorageClass")


def _classes(_: Obj) -> Mapping[str, Related]:
    return {"classes": Related(_STORAGE_CLASS)}


_RULES = {
    ("", "Namespace"): Rule(others.namespace),
    ("", "PersistentVolume"): Rule(others.volume),
    ("", "PersistentVolumeClaim"): Rule(others.claim, _classes),
    ("", "Pod"): Rule(pods.pod),
    ("", "ReplicationController"): Rule(workloads.replica_set, workloads.own_pods),
    ("", "ResourceQuota"): Rule(others.quota, timeout=60.0),
    ("", "Secret"): Rule(others.token_secret, timeout=5.0),
    ("", "Service"): Rule(network.service, network.service_related),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): Rule(others.definition),
    ("apps", "DaemonSet"): Rule(workloads.daemon_set, workloads.own_pods),
    ("apps", "Deployment"): Rule(workloads.deployment, workloads.deployment_related),
    ("apps", "ReplicaSet"): Rule(workloads.replica_set, workloads.own_pods),
    ("apps", "StatefulSet"): Rule(workloads.stateful_set, workloads.own_pods),
    ("batch", "Job"): Rule(workloads.job, workloads.own_pods),
    ("networking.k8s.io", "Ingress"): Rule(network.ingress, network.ingress_related),
}
_IMMEDIATE = Rule(others.immediate)
_CUSTOM = Rule(others.custom)


def rule_of(kind: Kind, obj: Obj) -> Rule:
    """The rule for an object: the one its annotations ask for, else its kind's."""
    if annotation(obj, SKIP_AWAIT) == "true":
        return _IMMEDIATE
    wait_for = annotation(obj, WAIT_FOR)
    if wait_for:
        return Rule(judge_of(wait_for))
    known = _RULES.get((kind.group, kind.name))
    if known is not None:
        return known
    return _CUSTOM if builtin_scope(kind) is None else _IMMEDIATE
