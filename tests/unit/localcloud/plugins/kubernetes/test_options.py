"""The provider's own inputs."""

from typing import Any

import pytest

from localcloud.plugins.kubernetes.options import check, diff, parse
from localcloud.plugins.values import UNKNOWN, Secret
from tests.unit.localcloud.plugins.kubernetes.api_server import kubeconfig
from tests.unit.localcloud.plugins.kubernetes.engine import Engine, Refused

ONE, TWO = kubeconfig("https://one"), kubeconfig("https://two")


@pytest.mark.parametrize(
    ("inputs", "path", "words"),
    [
        ({"renderYamlToDirectory": "out"}, "renderYamlToDirectory", "not implemented"),
        ({"kubeClientSettings": '{"burst": 1}'}, "kubeClientSettings", "not implemented"),
        ({"enableServerSideApply": "false"}, "enableServerSideApply", "client-side apply"),
        ({"deleteUnreachable": "perhaps"}, "deleteUnreachable", "neither true nor false"),
        ({"colour": "blue"}, "colour", "not an option"),
        (
            {"helmReleaseSettings": '{"driver": "sql"}'},
            "helmReleaseSettings.driver",
            "only the driver secret",
        ),
    ],
)
def test_what_is_wrong_is_told_by_property(inputs: Any, path: str, words: str) -> None:
    assert words in check(inputs)[path]


def test_what_the_sdk_sends_is_taken() -> None:
    inputs = {
        "kubeconfig": Secret(ONE),
        "clusterIdentifier": "arn",
        "enableServerSideApply": "true",
        "deleteUnreachable": "true",
        "namespace": "team",
        "renderYamlToDirectory": "",
    }
    assert check(inputs) == {}
    options = parse(inputs)
    assert (options.kubeconfig, options.namespace, options.delete_unreachable) == (
        ONE,
        "team",
        True,
    )


def test_a_kubeconfig_that_is_not_known_yet_makes_everything_a_preview() -> None:
    with Engine(kubeconfig=UNKNOWN) as engine:
        inputs = {"data": {"a": "1"}, "metadata": {"name": "m"}}
        foretold = engine.create("kubernetes:core/v1:ConfigMap", "m", inputs, preview=True)
        assert foretold.outputs["data"] == {"a": "1"}


def test_a_refused_option_stops_the_provider() -> None:
    with pytest.raises(Refused, match="provider option alwaysRender"):
        Engine(alwaysRender="true")


@pytest.mark.parametrize(
    ("old", "new", "replaces"),
    [
        ({"kubeconfig": ONE}, {"kubeconfig": TWO}, ["kubeconfig"]),
        ({"kubeconfig": ONE}, {"kubeconfig": ONE, "namespace": "x"}, []),
        ({"kubeconfig": ONE}, {"kubeconfig": UNKNOWN}, ["kubeconfig"]),
        ({"kubeconfig": ONE}, {"kubeconfig": ONE.replace('"t"', '"other"')}, []),
        (
            {"kubeconfig": ONE, "clusterIdentifier": "a"},
            {"kubeconfig": TWO, "clusterIdentifier": "a"},
            [],
        ),
        (
            {"kubeconfig": ONE, "clusterIdentifier": "a"},
            {"kubeconfig": UNKNOWN, "clusterIdentifier": "a"},
            [],
        ),
        (
            {"kubeconfig": ONE, "clusterIdentifier": "a"},
            {"kubeconfig": ONE, "clusterIdentifier": "b"},
            ["clusterIdentifier"],
        ),
        (
            {"kubeconfig": ONE, "clusterIdentifier": "a"},
            {"kubeconfig": ONE, "clusterIdentifier": UNKNOWN},
            ["clusterIdentifier"],
        ),
        ({"kubeconfig": ONE}, {"kubeconfig": ONE, "clusterIdentifier": "b"}, []),
    ],
)
def test_only_another_cluster_replaces(old: Any, new: Any, replaces: list[str]) -> None:
    assert diff(old, new)[1] == replaces
