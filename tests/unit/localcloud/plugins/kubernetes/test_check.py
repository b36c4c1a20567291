"""Check: names, namespaces, kinds, secrets and unknowns."""

from typing import Any

import pytest

from localcloud.plugins.kubernetes.check import AUTONAMED, Naming, check, with_namespace
from localcloud.plugins.kubernetes.kinds import Kind, from_token
from localcloud.plugins.values import UNKNOWN, Secret

MAP = Kind("", "v1", "ConfigMap")
DEPLOYMENT = Kind("apps", "v1", "Deployment")
SEED = Naming(seed=b"seed")


def checked(news: Any, olds: Any = None, kind: Kind = MAP, naming: Naming = SEED) -> Any:
    inputs, failures = check(kind, "thing", olds or {}, news, naming)
    assert failures == {}
    return inputs


def test_an_object_without_a_name_gets_one_that_the_seed_decides() -> None:
    inputs = checked({"metadata": {"labels": {"a": "b"}}})
    again = checked({})
    assert inputs["metadata"]["name"] == again["metadata"]["name"]
    assert inputs["metadata"]["name"].startswith("thing-")
    assert len(inputs["metadata"]["name"]) == len("thing-") + 8
    assert inputs["metadata"]["annotations"] == {AUTONAMED: "true"}
    assert inputs["metadata"]["labels"] == {"a": "b"}
    other = checked({}, naming=Naming(seed=b"other"))
    assert other["metadata"]["name"] != inputs["metadata"]["name"]


def test_a_name_once_given_is_kept() -> None:
    old = checked({})
    assert checked({}, old, naming=Naming(seed=b"x"))["metadata"]["name"] == old["metadata"]["name"]
    fixed = {"metadata": {"name": "fixed"}}
    assert checked(fixed, old)["metadata"] == {"name": "fixed"}
    assert checked({}, fixed)["metadata"]["name"] != "fixed"


def test_a_name_that_is_not_known_yet_is_a_name() -> None:
    assert checked({"metadata": {"name": UNKNOWN}})["metadata"] == {"name": UNKNOWN}
    assert checked({"metadata": UNKNOWN})["metadata"] is UNKNOWN
    assert checked({"metadata": {"annotations": UNKNOWN}})["metadata"]["annotations"] is UNKNOWN


def test_the_projects_naming_is_followed() -> None:
    assert checked({}, naming=Naming(proposed="chosen"))["metadata"]["name"] == "chosen"
    _, failures = check(MAP, "thing", {}, {}, Naming(forbidden=True))
    assert "is required" in failures["metadata.name"]


def test_the_namespace_is_filled_in_or_taken_away() -> None:
    bare = {"metadata": {"name": "x"}}
    assert with_namespace(bare, "team")["metadata"]["namespace"] == "team"
    own = {"metadata": {"name": "x", "namespace": "own"}}
    assert with_namespace(own, "team") == own
    assert with_namespace(own, None) == bare
    unknown = {"metadata": {"name": "x", "namespace": UNKNOWN}}
    assert with_namespace(unknown, "team") == unknown
    assert with_namespace({"metadata": UNKNOWN}, "team") == {"metadata": UNKNOWN}


@pytest.mark.parametrize(
    ("kind", "news", "path", "words"),
    [
        (DEPLOYMENT, {"apiVersion": "apps/v1beta1"}, "apiVersion", "is not the type's: apps/v1"),
        (MAP, {"kind": "Secret"}, "kind", "is not the type's: ConfigMap"),
        (Kind("", "v1", "PodPatch"), {"kind": "Pod"}, "kind", "patch resources (PodPatch)"),
        (Kind("", "v1", "PodList"), {"kind": "PodList", "items": []}, "items", "lists"),
        (MAP, {"metadata": "name"}, "metadata", "must be an object"),
        (MAP, {"metadata": {"generateName": "x-"}}, "metadata.generateName", "server-side"),
        (
            MAP,
            {"metadata": {"annotations": {"pulumi.com/waitFor": "jsonpath={..a}"}}},
            'metadata.annotations["pulumi.com/waitFor"]',
            "not implemented",
        ),
    ],
)
def test_what_is_wrong_is_told_by_property(kind: Kind, news: Any, path: str, words: str) -> None:
    _, failures = check(kind, "thing", {}, news, SEED)
    assert words in failures[path]


def test_the_data_of_a_secret_is_secret() -> None:
    inputs = checked(
        {"metadata": {"name": "s"}, "stringData": {"a": "b"}}, kind=Kind("", "v1", "Secret")
    )
    assert inputs["stringData"] == Secret({"a": "b"})


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("kubernetes:core/v1:Service", Kind("", "v1", "Service")),
        ("kubernetes:apps/v1:Deployment", DEPLOYMENT),
        (
            "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
            Kind("elbv2.k8s.aws", "v1beta1", "TargetGroupBinding"),
        ),
    ],
)
def test_tokens_are_kinds(token: str, kind: Kind) -> None:
    assert from_token(token) == kind
