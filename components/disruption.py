"""How replicas keep serving when a node or zone fails: where they run, how many may be evicted.

https://docs.aws.amazon.com/eks/latest/best-practices/application.html
"""

from collections.abc import Mapping
from typing import Any

# A pod that is not ready must not keep a node from being drained.
DISRUPTION_BUDGET = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
_TOPOLOGY_KEYS = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")


def spread(labels: Mapping[str, str]) -> list[Any]:
    """Topology spread constraints, as the Kubernetes API writes them, for two replicas with these
    labels: in two zones, on two nodes, if there are as many.

    If there is one node only, both run on it: a constraint compares the nodes or zones that exist,
    and leaves out cordoned nodes and zones without working nodes. Pods of another revision do not
    count, so that a rolling update fits on two nodes.
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
