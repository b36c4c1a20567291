"""Releases of the AWS Load Balancer Controller: which chart and rights belong to which version.

Helm never upgrades custom resource definitions, and a controller needs the rights of its own
release, so a release is known here before a stack may use it. Source: Chart.yaml and
docs/install/iam_policy.json at the release's tag in kubernetes-sigs/aws-load-balancer-controller.
"""

from dataclasses import dataclass
from enum import Enum


class Rights(Enum):
    """Which generation of the controller's IAM policy a release needs."""

    V2_4 = "2.4"
    V2_13 = "2.13"  # unchanged from 2.13 to 3.5


@dataclass(frozen=True, kw_only=True)
class ControllerRelease:
    """One release: its version, the version of its chart, the rights it needs."""

    version: str
    chart_version: str
    rights: Rights
    has_service_mutator_webhook: bool = True  # charts before 1.5 do not know the value
    knows_pod_identity: bool = True  # since 2.7; before, its AWS SDK refuses the agent's address


_RELEASES = (
    # For the local cloud only: it cannot tag what it creates, as its policy lacks a right to
    # elasticloadbalancing:AddTags that AWS requires today; 2.4.7 has it.
    ControllerRelease(
        version="2.4.5",
        chart_version="1.4.6",
        rights=Rights.V2_4,
        has_service_mutator_webhook=False,
        knows_pod_identity=False,
    ),
    # Since 3.0 the chart has the controller's version.
    *(
        ControllerRelease(version=version, chart_version=version, rights=Rights.V2_13)
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
    """The release of a controller version such as 3.4.3; ValueError names the known ones."""
    if version not in RELEASES:
        raise ValueError(f"must be a release whose rights are known: {', '.join(RELEASES)}")
    return RELEASES[version]
