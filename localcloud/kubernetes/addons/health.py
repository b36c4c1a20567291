"""Whether the objects of an add-on work, and EKS's codes for what fails."""

from localcloud.kubernetes.api import (
    CONFLICT,
    FORBIDDEN,
    NOT_FOUND,
    SERVER_ERRORS,
    TOO_MANY_REQUESTS,
    ApiError,
)
from localcloud.kubernetes.manifests import Manifest

# In the API server's messages when a webhook, policy or quota refuses, or a webhook is broken.
ADMISSION = ("denied the request", "denied request", "exceeded quota", "failed calling webhook")
# In its messages about a value of the wrong type, or one that cannot be parsed. Their status is
# 500, but trying again does not help.
INVALID = ("failed to create typed patch object", "failed to convert new object")
# A new API server lacks kube-system (404), or is "not yet ready to handle request" (403).
TEMPORARY = (FORBIDDEN, NOT_FOUND, TOO_MANY_REQUESTS)


def issue_code(error: ApiError) -> str | None:
    """EKS's code for an object that the API server refuses; None for a temporary failure.

    See docs.aws.amazon.com/eks/latest/APIReference/API_AddonIssue.html.
    """
    if error.status == CONFLICT:
        return "ConfigurationConflict"
    if any(words in str(error) for words in ADMISSION):
        return "AdmissionRequestDenied"
    invalid = any(words in str(error) for words in INVALID)
    temporary = error.status in TEMPORARY or error.status >= SERVER_ERRORS
    return None if temporary and not invalid else "InternalFailure"


def _observed(item: Manifest) -> bool:
    """Whether its controller has read its latest spec."""
    observed: int = item.get("status", {}).get("observedGeneration", 0)
    latest: int = item["metadata"]["generation"]
    return observed >= latest


def deployment_available(item: Manifest | None) -> bool:
    """Whether all replicas are up to date and available."""
    if item is None or not _observed(item):
        return False
    wanted, status = item["spec"]["replicas"], item["status"]
    return bool(
        status.get("updatedReplicas", 0) == wanted and status.get("availableReplicas", 0) == wanted
    )


def daemon_set_available(item: Manifest | None, nodes: int | None = None) -> bool:
    """Whether it is up to date and available on this many nodes; None: on those that it should be
    on."""
    if item is None or not _observed(item):
        return False
    status = item["status"]
    counts = ("desiredNumberScheduled", "updatedNumberScheduled", "numberAvailable")
    wanted = status.get(counts[0], 0) if nodes is None else nodes
    return all(status.get(count, 0) == wanted for count in counts)
