"""Access policies as RBAC."""

import pytest

from localcloud.kubernetes.access import ROLES, cluster_bindings, grants_of, namespace_bindings
from localcloud.kubernetes.bootstrap import (
    ADMIN_VIEW_ROLE,
    admin_view_role,
    bootstrap_objects,
    pod_identity_webhook,
)
from localcloud.kubernetes.manifests import path
from tests.unit.localcloud.kubernetes.examples import entry


def test_every_policy_is_bound_to_its_group_cluster_wide() -> None:
    bindings = {item["subjects"][0]["name"]: item["roleRef"]["name"] for item in cluster_bindings()}
    assert bindings["eks:policy:AmazonEKSClusterAdminPolicy"] == "cluster-admin"
    assert bindings["eks:policy:AmazonEKSAdminPolicy"] == "admin"
    assert bindings["eks:policy:AmazonEKSEditPolicy"] == "edit"
    assert bindings["eks:policy:AmazonEKSViewPolicy"] == "view"
    assert bindings["eks:policy:AmazonEKSAdminViewPolicy"] == ADMIN_VIEW_ROLE
    assert len(bindings) == len(ROLES)


def test_admin_view_sees_everything_and_changes_nothing() -> None:
    [rule] = admin_view_role()["rules"]
    assert rule["resources"] == ["*"]
    assert set(rule["verbs"]) == {"get", "list", "watch"}


def test_the_groups_are_those_that_tokens_carry() -> None:
    someone = entry("AmazonEKSEditPolicy", "apps", "team-*")
    bindings = namespace_bindings(grants_of([someone]), ["apps", "team-a"])
    bound = {item["subjects"][0]["name"] for item in bindings}
    assert bound == set(someone.policies[0].groups)


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
    assert webhook["clientConfig"] == {"url": "https://192.0.2.10/x", "caBundle": "UEVN"}


def test_every_refusal_is_bound() -> None:
    items = bootstrap_objects("https://192.0.2.10/x", "PEM")
    policies = [item for item in items if item["kind"] == "ValidatingAdmissionPolicy"]
    bindings = [item for item in items if item["kind"] == "ValidatingAdmissionPolicyBinding"]
    bound = {binding["spec"]["policyName"] for binding in bindings}
    assert {policy["metadata"]["name"] for policy in policies} == bound != set()
    for policy in policies:
        messages = [validation["message"] for validation in policy["spec"]["validations"]]
        assert messages
        assert all("not implemented by the local cloud" in message for message in messages)
