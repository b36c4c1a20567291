"""How replicas go on serving while a node or a zone is lost: where they go, how many may stop.

https://docs.aws.amazon.com/eks/latest/best-practices/application.html
"""

from collections.abc import Mapping
from typing import Any

# A pod that is not ready must not keep a node from being drained.
DISRUPTION_BUDGET = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
_PLACES = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")


def spread(labels: Mapping[str, str]) -> list[Any]:
    """Topology spread constraints, as the Kubernetes API writes them, for two replicas with these
    labels: in two zones, on two nodes, if there are as many.

    One node takes both: the rule compares the places that exist, of which a cordoned node or a
    zone without working nodes is none. Pods of another release do not count, so that a rolling
    update finds a place on two nodes.
    https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
    """
    return [
        {
            "maxSkew": 1,
            "topologyKey": place,
            "whenUnsatisfiable": "DoNotSchedule",
            "nodeTaintsPolicy": "Honor",
            "matchLabelKeys": ["pod-template-hash"],
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for place in _PLACES
    ]
