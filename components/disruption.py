"""How replicas keep serving when a node or zone fails: where they run, how many may be evicted.

https://docs.aws.amazon.com/eks/latest/best-practices/application.html
"""

from collections.abc import Mapping
from typing import Any

# A pod that is not ready must not keep a node from being drained.
DISRUPTION_BUDGET = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
_TOPOLOGY_KEYS = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")


def spread(labels: Mapping[str, str]) -> list[Any]:
    """Topology spread constraints that spread replicas with these labels evenly over Availability
    Zones and over nodes, as dictionaries with the keys of the Kubernetes API.

    On a single node all replicas run: a constraint compares only zones and nodes on which pods can
    be scheduled. Pods of another revision do not count, so that a rolling update fits on two nodes.
    https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
    """
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "DoNotSchedule",
            "nodeTaintsPolicy": "Honor",
            "matchLabelKeys": ["pod-template-hash"],
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for key in _TOPOLOGY_KEYS
    ]
