"""The controller's IAM policy is the one that its release publishes."""

import hashlib
import json
from typing import Any

import pytest

from components.load_balancer_controller.policy import controller_policy
from components.load_balancer_controller.releases import RELEASES, PolicyVersion

# SHA-256 of `canonical` of docs/install/iam_policy.json at tags v2.4.5 and v3.4.2 (the same at
# v2.13.0, v3.0.0 and v3.5.0) of kubernetes-sigs/aws-load-balancer-controller.
PUBLISHED = {
    PolicyVersion.V2_4: "f76fd8286fc83f7048139cb0759f86ada49e1d8d30877773cc6c958a86af5aff",
    PolicyVersion.V2_13: "5f7671cff5a0af5b831cce89516abb6a3e9c35e205c4ec61bf363c94cbcd54d9",
}
LONGEST = 6144  # characters of a managed policy


def canonical(policy: dict[str, Any]) -> str:
    """A policy's statements as text that does not depend on order or layout."""

    def items(value: Any) -> list[Any]:
        return sorted(value) if isinstance(value, list | tuple) else [value]

    statements = (
        {**it, "Condition": it.get("Condition")}
        | {name: items(it[name]) for name in ("Action", "Resource")}
        for it in policy["Statement"]
    )
    return "\n".join(sorted(json.dumps(it, sort_keys=True) for it in statements))


@pytest.mark.parametrize("version", PolicyVersion)
def test_the_statements_are_those_of_the_release_and_fit_into_a_managed_policy(
    version: PolicyVersion,
) -> None:
    policy = controller_policy(version)
    assert hashlib.sha256(canonical(policy).encode()).hexdigest() == PUBLISHED[version]
    assert len(json.dumps(policy, separators=(",", ":"))) <= LONGEST


def test_every_release_has_a_chart_of_its_own() -> None:
    charts = [release.chart_version for release in RELEASES.values()]
    assert len(set(charts)) == len(charts)
