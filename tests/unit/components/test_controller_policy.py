"""The controller's rights are those that its release asks for, no more and no less."""

import hashlib
import json
from typing import Any

import pytest

from components.load_balancer_controller.policy import controller_policy
from components.load_balancer_controller.releases import RELEASES, Rights, find_release

# SHA-256 of `canonical` of docs/install/iam_policy.json at tags v2.4.5 and v3.4.2 (the same at
# v2.13.0, v3.0.0 and v3.5.0) of kubernetes-sigs/aws-load-balancer-controller.
PUBLISHED = {
    Rights.V2_4: "f76fd8286fc83f7048139cb0759f86ada49e1d8d30877773cc6c958a86af5aff",
    Rights.V2_13: "5f7671cff5a0af5b831cce89516abb6a3e9c35e205c4ec61bf363c94cbcd54d9",
}
LONGEST = 6144  # characters of a managed policy


def canonical(policy: dict[str, Any]) -> str:
    """A policy's statements as text that does not depend on order or layout."""

    def items(value: Any) -> list[Any]:
        return sorted(value) if isinstance(value, list | tuple) else [value]

    return "\n".join(
        sorted(
            json.dumps(
                {
                    "Effect": it["Effect"],
                    "Action": items(it["Action"]),
                    "Resource": items(it["Resource"]),
                    "Condition": it.get("Condition"),
                },
                sort_keys=True,
            )
            for it in policy["Statement"]
        )
    )


@pytest.mark.parametrize("rights", Rights)
def test_the_statements_are_those_of_the_release(rights: Rights) -> None:
    digest = hashlib.sha256(canonical(controller_policy(rights)).encode()).hexdigest()
    assert digest == PUBLISHED[rights]


@pytest.mark.parametrize("rights", Rights)
def test_the_policy_fits_into_a_managed_policy(rights: Rights) -> None:
    assert len(json.dumps(controller_policy(rights), separators=(",", ":"))) <= LONGEST


def test_every_release_has_a_chart_of_its_own() -> None:
    charts = [release.chart_version for release in RELEASES.values()]
    assert len(set(charts)) == len(charts)
    assert find_release("2.4.5").chart_version == "1.4.6"
    assert find_release("3.4.3").chart_version == "3.4.3"


def test_an_unknown_release_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"rights are known: 2\.4\.5, 3\.0\.0"):
        find_release("2.5.0")
