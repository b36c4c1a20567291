"""Access policies as RBAC."""

import pytest

from localcloud.kubernetes.access import grants_of, namespace_bindings
from localcloud.kubernetes.bootstrap import (
    pod_identity_webhook,
)
from localcloud.kubernetes.manifests import path
from tests.unit.localcloud.kubernetes.examples import entry


@pytest.mark.parametrize(
    ("named", "bound"),
    [
        pytest.param([("apps", "team-*")], ["apps", "team-a", "team-b"], id="those it names"),
        pytest.param([()], [], id="none if it is cluster-wide, which is bound already"),
        pytest.param([("apps",), ("apps",)], ["apps"], id="one once, of two entries"),
    ],
)
def test_a_grant_reaches_namespaces(named: list[tuple[str, ...]], bound: list[str]) -> None:
    grants = grants_of([entry("AmazonEKSViewPolicy", *namespaces) for namespaces in named])
    bindings = namespace_bindings(grants, ["apps", "default", "team-a", "team-b"])
    assert [item["metadata"]["namespace"] for item in bindings] == bound
    assert all("*" not in path(item) for item in bindings)


def test_the_pod_webhook_does_not_stop_pods() -> None:
    [webhook] = pod_identity_webhook("https://192.0.2.10/x", "PEM")["webhooks"]
    assert webhook["failurePolicy"] == "Ignore"
