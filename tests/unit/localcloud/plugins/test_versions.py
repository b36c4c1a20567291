"""Each provider plugin answers the version of the installed SDK."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

from localcloud.plugins.aws.servicer import AwsProvider
from localcloud.plugins.eks.host import EksProvider
from localcloud.plugins.versions import sdk_version

MADE: dict[str, Callable[[], Any]] = {"aws": AwsProvider, "eks": EksProvider}


@pytest.mark.parametrize("name", MADE)
def test_a_plugin_tells_the_version_of_its_sdk(name: str) -> None:
    assert MADE[name]().version == sdk_version(name) == version(f"pulumi-{name}")


def test_an_sdk_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="pulumi_nosuch"):
        sdk_version("nosuch")
