"""Whether a Deployment or DaemonSet runs what was last asked of it."""

from localcloud.kubernetes.manifests import Manifest


def _seen(item: Manifest) -> bool:
    """Whether its controller has read its present form."""
    seen: int = item.get("status", {}).get("observedGeneration", 0)
    wanted: int = item["metadata"]["generation"]
    return seen >= wanted


def deployment_available(item: Manifest | None) -> bool:
    """All replicas are of the present form and available."""
    if item is None or not _seen(item):
        return False
    wanted, status = item["spec"]["replicas"], item["status"]
    return bool(
        status.get("updatedReplicas", 0) == wanted and status.get("availableReplicas", 0) == wanted
    )


def daemon_set_available(item: Manifest | None, nodes: int) -> bool:
    """It runs, in its present form, on that many nodes."""
    if item is None or not _seen(item):
        return False
    status = item["status"]
    counts = ("desiredNumberScheduled", "updatedNumberScheduled", "numberAvailable")
    return all(status.get(count, 0) == nodes for count in counts)
