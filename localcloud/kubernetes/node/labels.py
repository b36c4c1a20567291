"""The labels and taints of a node, and the patch that changes those of a running one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.aws.eks.snapshots import Node, Nodegroup, Taint
from localcloud.kubernetes.manifests import Manifest

EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}


@dataclass(frozen=True)
class LabelsAndTaints:
    """Those that a node has from its group; a `cordoned` one takes no more pods."""

    labels: Mapping[str, str]
    taints: Sequence[Taint]
    cordoned: bool = False


def labels_of(group: Nodegroup, node: Node) -> dict[str, str]:
    """The labels with which a node registers: those of its group, and what EKS adds."""
    return {
        "eks.amazonaws.com/nodegroup": group.name,
        "eks.amazonaws.com/capacityType": group.capacity_type,
        "eks.amazonaws.com/nodegroup-image": node.image,
        **_of_template(node),
        **group.labels,
    }


def _of_template(node: Node) -> dict[str, str]:
    if node.template is None:
        return {}
    names = ("sourceLaunchTemplateId", "sourceLaunchTemplateVersion")
    return {f"eks.amazonaws.com/{n}": v for n, v in zip(names, node.template, strict=True)}


def taints_of(taints: Sequence[Taint]) -> list[dict[str, Any]]:
    """Taints in the form of the Kubernetes API."""
    return [{"key": t.key, "value": t.value, "effect": EFFECTS[t.effect]} for t in taints]


def _identity(taint: Mapping[str, Any]) -> tuple[str, str]:
    return taint["key"], taint["effect"]


def patch(item: Manifest, before: LabelsAndTaints, after: LabelsAndTaints) -> Manifest:
    """The merge patch that changes a node's labels and taints from `before` to `after`.

    Those that others have set stay. The patch has the resource version, so the API server
    refuses it if the node has changed since.
    """
    labels: dict[str, str | None] = dict.fromkeys(before.labels)
    own = {_identity(taint) for taint in taints_of((*before.taints, *after.taints))}
    others = [t for t in item["spec"].get("taints", []) if _identity(t) not in own]
    cordon = {} if before.cordoned == after.cordoned else {"unschedulable": after.cordoned}
    return {
        "metadata": {
            "labels": {**labels, **after.labels},
            "resourceVersion": item["metadata"]["resourceVersion"],
        },
        "spec": {"taints": [*others, *taints_of(after.taints)], **cordon},
    }


def ready(item: Manifest | None) -> bool:
    """Whether the condition Ready of a node is true."""
    conditions = item.get("status", {}).get("conditions", []) if item else []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)
