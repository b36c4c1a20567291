"""Releases of the AWS Load Balancer Controller: the chart and the IAM policy of each version.

A controller needs the IAM policy of its own release, so a stack can use only the releases listed
here. Source: Chart.yaml and docs/install/iam_policy.json at the release's tag in
kubernetes-sigs/aws-load-balancer-controller.
"""

from dataclasses import dataclass
from enum import Enum


class PolicyVersion(Enum):
    """A version of the controller's IAM policy: the first release that has it."""

    V2_4 = "2.4"
    V2_13 = "2.13"  # unchanged from 2.13 to 3.5


@dataclass(frozen=True, kw_only=True)
class ControllerRelease:
    """One release: its version, the versions of its chart and of its IAM policy."""

    version: str
    chart_version: str
    policy_version: PolicyVersion
    # The webhook that adds readiness gates drops, in an old release, newer fields of a pod, such as
    # preStop's sleep (Kubernetes 1.29).
    can_use_readiness_gates: bool = True
    has_service_mutator_webhook: bool = True  # charts before 1.5 have no such value
    # Without the annotation a load balancer keeps its web ACL; `none` removes it. Since 2.8.2:
    # https://github.com/kubernetes-sigs/aws-load-balancer-controller/pull/3800
    keeps_web_acl: bool = True
    supports_pod_identity: bool = True  # since 2.7: older AWS SDKs refuse the agent's address


_RELEASES = (
    # For the local cloud only: it cannot tag what it creates, as its policy does not allow
    # elasticloadbalancing:AddTags, which AWS requires today; that of 2.4.7 does.
    ControllerRelease(
        version="2.4.5",
        chart_version="1.4.6",
        policy_version=PolicyVersion.V2_4,
        can_use_readiness_gates=False,
        has_service_mutator_webhook=False,
        keeps_web_acl=False,
        supports_pod_identity=False,
    ),
    # Since 3.0 the chart has the controller's version.
    *(
        ControllerRelease(
            version=version, chart_version=version, policy_version=PolicyVersion.V2_13
        )
        for version in (
            "3.0.0",
            "3.1.0",
            "3.2.0",
            "3.2.1",
            "3.2.2",
            "3.3.0",
            "3.4.0",
            "3.4.1",
            "3.4.2",
            "3.4.3",
            "3.5.0",
        )
    ),
)
RELEASES = {release.version: release for release in _RELEASES}


def find_release(version: str) -> ControllerRelease:
    """The release of a controller version such as 3.4.3; ValueError lists the known ones."""
    if version not in RELEASES:
        raise ValueError(f"must be a release whose IAM policy is known: {', '.join(RELEASES)}")
    return RELEASES[version]
