"""Add-ons: what can be set, what they are made of, and when they work."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest

from localcloud.aws.eks import offered
from localcloud.aws.eks.addon_configuration import CONFIGURABLE, check_configuration
from localcloud.aws.eks.snapshots import Addon
from localcloud.kubernetes.addons import coredns
from localcloud.kubernetes.addons.health import daemon_set_available, deployment_available
from localcloud.kubernetes.addons.manager import GRACE, Addons, wanted_addons
from localcloud.kubernetes.api import ApiError
from tests.unit.localcloud.kubernetes.examples import cluster


@pytest.mark.parametrize(
    ("addon", "values", "message"),
    [
        ("coredns", {"autoScaling": {}}, "coredns autoScaling: not implemented"),
        ("vpc-cni", {"env": {"WARM_IP_TARGET": "1"}}, "vpc-cni env.WARM_IP_TARGET: not impl"),
        ("vpc-cni", {"env": {"ENABLE_PREFIX_DELEGATION": "false"}}, "the local cloud has 'true'"),
        ("vpc-cni", {"env": "x"}, "vpc-cni env: 'x' is not an object"),
        ("kube-proxy", {"mode": "ipvs"}, "kube-proxy mode: 'ipvs'"),
        ("eks-pod-identity-agent", {"agent": {}}, r"agent: not implemented .*\(has: none\)"),
    ],
)
def test_what_would_be_ignored_is_refused_by_name(
    addon: str, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_configuration(addon, values)


def test_every_addon_says_what_can_be_set() -> None:
    check_configuration("vpc-cni", {"env": {"ENABLE_PREFIX_DELEGATION": "true"}})
    assert set(CONFIGURABLE) == set(offered.ADDONS)


def test_a_managed_addon_takes_the_place_of_what_came_with_the_cluster() -> None:
    managed = Addon("coredns", "v1", "CREATING", json.dumps({"replicaCount": 1}))
    wanted = wanted_addons(cluster(managed), {"coredns", "vpc-cni"})
    assert wanted == {"coredns": {"replicaCount": 1}, "vpc-cni": {}}


def test_the_clusters_dns_is_at_the_tenth_address() -> None:
    items = {item["kind"]: item for item in coredns.objects("10.96.0.0/12", {})}
    assert items["Service"]["spec"]["clusterIP"] == "10.96.0.10"
    assert items["Service"]["metadata"]["name"] == "kube-dns"
    assert items["Deployment"]["spec"]["replicas"] == 2


def test_every_key_of_coredns_reaches_its_objects() -> None:
    values: dict[str, Any] = {
        "replicaCount": 5, "corefile": ". {}", "resources": {"limits": {"cpu": "9"}},
        "tolerations": [{"operator": "Exists"}], "nodeSelector": {"n": "s"},
        "affinity": {"nodeAffinity": {}}, "topologySpreadConstraints": [{"maxSkew": 1}],
        "podAnnotations": {"a": "b"}, "podLabels": {"l": "m", "k8s-app": "mine"},
    }  # fmt: skip
    assert values.keys() == CONFIGURABLE["coredns"].keys()  # type: ignore[union-attr]  # a mapping here
    check_configuration("coredns", values)
    items = {item["kind"]: item for item in coredns.objects("172.20.0.0/16", values)}
    assert items["ConfigMap"]["data"] == {"Corefile": ". {}"}
    spec = items["Deployment"]["spec"]
    pod = spec["template"]["spec"]
    assert spec["replicas"] == 5
    assert pod["containers"][0]["resources"] == values["resources"]
    for key in ("tolerations", "nodeSelector", "affinity", "topologySpreadConstraints"):
        assert pod[key] == values[key]
    assert spec["template"]["metadata"]["annotations"] == {"a": "b"}
    # A label cannot take pods from their Deployment.
    assert spec["template"]["metadata"]["labels"] == {"l": "m", **coredns.SELECTOR}
    assert coredns.SELECTOR["k8s-app"] == "kube-dns"


@pytest.mark.parametrize(
    ("status", "available"),
    [
        ({"observedGeneration": 2, "updatedReplicas": 2, "availableReplicas": 2}, True),
        ({"observedGeneration": 1, "updatedReplicas": 2, "availableReplicas": 2}, False),
        ({"observedGeneration": 2, "updatedReplicas": 1, "availableReplicas": 2}, False),
        ({"observedGeneration": 2, "updatedReplicas": 2, "availableReplicas": 1}, False),
        ({}, False),
    ],
)
def test_a_deployment_is_available_when_all_of_its_present_form_is(
    status: dict[str, int], available: bool
) -> None:
    item = {"metadata": {"generation": 2}, "spec": {"replicas": 2}, "status": status}
    assert deployment_available(item) is available


def test_a_daemon_set_is_available_when_it_is_on_every_node() -> None:
    status = {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2,
              "numberAvailable": 2}  # fmt: skip
    item = {"metadata": {"generation": 1}, "status": status}
    assert daemon_set_available(item, 2)
    assert not daemon_set_available(item, 3)
    assert daemon_set_available(item)
    assert not daemon_set_available({**item, "status": {}}, 2)
    assert not daemon_set_available(None, 0)


def manager(apply: Callable[..., None]) -> Any:
    """The add-ons of a cluster whose API server applies objects with this function."""
    addons: Any = Addons.__new__(Addons)
    addons._store, addons._api, addons._applied = Mock(), Mock(apply=apply), {}
    addons._unmanaged, addons._deployments = set(), Mock(objects={})
    addons._lacking_since, addons._wake = {}, Mock()
    return addons


@pytest.mark.parametrize(
    ("status", "overwrites", "failed"),
    [("UPDATING", False, True), ("UPDATING", True, False), ("UPDATE_FAILED", False, False)],
)
def test_what_others_have_changed_fails_an_add_on_that_does_not_overwrite_it(
    status: str, overwrites: bool, failed: bool
) -> None:
    """docs.aws.amazon.com/eks/latest/APIReference/API_UpdateAddon.html: resolveConflicts."""

    def apply(item: Any, force: bool) -> None:
        if not force:
            raise ApiError(409, "conflict with kubectl: .data.Corefile")

    addons = manager(apply)
    addons.reconcile(cluster(Addon("coredns", "v1", status, "", overwrites)), Mock())
    reports = [call.args[1:3] for call in addons._store.addon_failed.call_args_list]
    assert reports == ([("coredns", "ConfigurationConflict")] if failed else [])


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (400, "admission webhook \"a.b\" denied the request: no", "AdmissionRequestDenied"),
        (422, "ValidatingAdmissionPolicy 'a' with binding 'a' denied request: no",
         "AdmissionRequestDenied"),
        (500, "Internal error occurred: failed calling webhook \"a.b\"", "AdmissionRequestDenied"),
        (403, "deployments.apps is forbidden: exceeded quota", "AdmissionRequestDenied"),
        (422, "Deployment.apps \"coredns\" is invalid", "InternalFailure"),
        (500, "failed to create typed patch object (kube-system/coredns; ...)", "InternalFailure"),
        (500, "failed to convert new object (kube-system/coredns; ...)", "InternalFailure"),
    ],
)  # fmt: skip
def test_an_add_on_whose_objects_are_refused_fails_with_the_code_of_the_cause(
    status: int, message: str, code: str
) -> None:
    """docs.aws.amazon.com/eks/latest/APIReference/API_AddonIssue.html."""
    addons = manager(Mock(side_effect=ApiError(status, message)))
    record = cluster(Addon("coredns", "v1", "CREATING", ""))
    addons.reconcile(record, Mock())
    addons._store.addon_failed.assert_called_once_with(
        "demo", "coredns", code, f"{status}: {message}"
    )


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (500, "etcdserver: request timed out"),
        (404, 'namespaces "kube-system" not found'),
        (403, "deployments.apps is forbidden: not yet ready to handle request"),
    ],
)
def test_an_add_on_is_applied_again_while_the_api_server_is_not_ready(
    status: int, message: str
) -> None:
    addons = manager(Mock(side_effect=ApiError(status, message)))
    with pytest.raises(ApiError):  # the runner of the cluster tries again
        addons.reconcile(cluster(Addon("coredns", "v1", "CREATING", "")), Mock())
    addons._store.addon_failed.assert_not_called()


def test_an_add_on_without_its_replicas_is_degraded_until_it_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in github.com/aws-ia/terraform-aws-eks-blueprints-addons/issues/335."""
    timer = Mock()
    monkeypatch.setattr("threading.Timer", timer)
    addons, clock = manager(Mock()), Mock(return_value=0.0)
    monkeypatch.setattr("time.monotonic", clock)
    item: dict[str, Any] = {"metadata": {"generation": 1}, "spec": {"replicas": 2}, "status": {}}
    addons._deployments.objects["kube-system/coredns"] = item
    record = cluster(Addon("coredns", "v1", "ACTIVE", ""))
    degraded, ready = addons._store.addon_degraded, addons._store.addon_ready
    addons.reconcile(record, Mock())
    degraded.assert_not_called()
    timer.assert_called_once_with(GRACE, addons._wake)
    clock.return_value = GRACE
    addons.reconcile(record, Mock())
    assert degraded.call_args.args[:3] == ("demo", "coredns", "InsufficientNumberOfReplicas")
    item["status"] = {"observedGeneration": 1, "updatedReplicas": 2, "availableReplicas": 2}
    addons.reconcile(cluster(Addon("coredns", "v1", "DEGRADED", "")), Mock())
    ready.assert_called_once_with("demo", "coredns")


def test_an_add_on_that_failed_half_way_can_go_back_to_what_it_was() -> None:
    applied: dict[str, Any] = {}
    refused: list[str] = []

    def apply(item: Any, force: bool) -> None:
        if item["kind"] in refused:
            raise ApiError(422, "Invalid value")
        applied[item["kind"]] = item

    addons = manager(apply)
    before = Addon("coredns", "v1", "UPDATING", json.dumps({"corefile": "before"}))
    addons.reconcile(cluster(before), Mock())
    refused.append("Deployment")
    addons.reconcile(cluster(replace(before, configuration='{"corefile": "after"}')), Mock())
    assert applied["ConfigMap"]["data"] == {"Corefile": "after"}
    addons.reconcile(cluster(before), Mock())
    assert applied["ConfigMap"]["data"] == {"Corefile": "before"}


@pytest.mark.parametrize(
    ("addons", "version"),
    [((), "1.35"), ((Addon("kube-proxy", "v1.36.3-eksbuild.1", "ACTIVE", ""),), "1.36")],
)
def test_kube_proxy_is_of_the_version_of_its_add_on_else_of_the_clusters(
    addons: tuple[Addon, ...], version: str
) -> None:
    made: Any = Addons.__new__(Addons)
    made._unmanaged = {"kube-proxy"}
    assert made.features(cluster(*addons)).kube_proxy_version == version
