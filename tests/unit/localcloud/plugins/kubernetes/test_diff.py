"""Diff: what replaces an object and what only changes it."""

from typing import Any

import pytest

from localcloud.plugins.kubernetes.diff import compare
from localcloud.plugins.kubernetes.immutable import patterns
from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.options import Options
from localcloud.plugins.values import UNKNOWN, Secret


def pod(**fields: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "c", "image": "a", **fields}]}}


@pytest.mark.parametrize(
    ("kind", "old", "new", "replaces"),
    [
        ("/v1/Service", {"spec": {"type": "A"}}, {"spec": {"type": "B"}}, []),
        ("/v1/Service", {"spec": {}}, {"spec": {"clusterIP": "None"}}, ["spec.clusterIP"]),
        ("/v1/Service", {}, {"spec": {"clusterIP": "None", "type": "A"}}, ["spec"]),
        ("/v1/Service", {}, {"spec": {"type": "A"}}, []),
        ("/v1/Service", {"spec": {"clusterIP": "None"}}, {"spec": UNKNOWN}, []),
        ("/v1/Service", {"spec": {"clusterIP": "None"}}, {"spec": {"clusterIP": UNKNOWN}},
         ["spec.clusterIP"]),
        ("/v1/Service", {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}},
         ["metadata.name"]),
        ("/v1/Service", {"metadata": {"namespace": "a"}}, {"metadata": {"namespace": UNKNOWN}},
         ["metadata.namespace"]),
        ("/v1/Service", {"metadata": {"labels": {"name": "a"}}}, {"metadata": {"labels": {}}}, []),
        ("/v1/ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}, ["data.a"]),
        ("/v1/Secret", {"data": Secret({"a": "1"})}, {"data": {"a": "2"}}, ["data.a"]),
        ("/v1/Pod", pod(), pod(image="b"), ["spec.containers[0].image"]),
        ("/v1/Pod", pod(), pod(resizePolicy=[]), []),
        ("/v1/Pod", pod(env=[{"name": "A", "value": "1"}]), pod(env=[{"name": "A", "value": "2"}]),
         ["spec.containers[0].env[0].value"]),
        ("/v1/PersistentVolumeClaim", {"spec": {"resources": "1"}}, {"spec": {"resources": "2"}},
         []),
        ("/v1/PersistentVolumeClaim", {"spec": {"accessModes": ["a"]}},
         {"spec": {"accessModes": ["b"]}}, ["spec.accessModes[0]"]),
        ("apps/v1/Deployment", {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, []),
        ("apps/v1/Deployment", {"spec": {"selector": {"matchLabels": {"a": "b"}}}},
         {"spec": {"selector": {"matchLabels": {"a": "c"}}}}, ["spec.selector.matchLabels.a"]),
        ("apps/v1/StatefulSet", {"spec": {"serviceName": "a"}}, {"spec": {"serviceName": "b"}},
         ["spec.serviceName"]),
        ("batch/v1/Job", {"spec": {"template": {"a": 1}}}, {"spec": {"template": {"a": 2}}},
         ["spec.template.a"]),
        ("batch/v1/CronJob", {"spec": {"template": {"a": 1}}}, {"spec": {"template": {"a": 2}}},
         []),
        ("rbac.authorization.k8s.io/v1/RoleBinding", {"roleRef": {"name": "a"}},
         {"roleRef": {"name": "b"}}, ["roleRef.name"]),
        ("storage.k8s.io/v1/StorageClass", {"provisioner": "a"}, {"provisioner": "b"},
         ["provisioner"]),
        ("example.com/v1/Deployment", {"spec": {"selector": "a"}}, {"spec": {"selector": "b"}}, []),
    ],
)  # fmt: skip
def test_what_cannot_be_changed_in_place_replaces(
    kind: str, old: Any, new: Any, replaces: list[str]
) -> None:
    difference = compare(old, new, patterns(Kind(*kind.split("/")), new, Options()))
    assert list(difference.replaces) == replaces
    assert difference.changes


@pytest.mark.parametrize(
    ("options", "frozen", "replaced"),
    [
        (Options(), False, True),
        (Options(config_map_mutable=True, secret_mutable=True), False, False),
        (Options(config_map_mutable=True, secret_mutable=True), True, True),
    ],
)
@pytest.mark.parametrize("name", ["ConfigMap", "Secret"])
def test_data_replaces_unless_the_provider_lets_it_be_changed(
    name: str, options: Options, frozen: bool, replaced: bool
) -> None:
    old, new = ({"data": {"a": value}, "immutable": frozen} for value in ("1", "2"))
    difference = compare(old, new, patterns(Kind("", "v1", name), new, options))
    assert bool(difference.replaces) is replaced


def test_only_a_fixed_name_goes_first() -> None:
    difference = compare({"a": 1}, {"a": 2}, [("a",)])
    assert difference.response(delete_first=True).deleteBeforeReplace
    assert not difference.response().deleteBeforeReplace
    unchanged = compare({"a": 1}, {"a": 1}, [("a",)])
    assert not unchanged.response(delete_first=True).deleteBeforeReplace
