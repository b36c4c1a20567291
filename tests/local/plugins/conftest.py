"""What the plugins' tests on real engines share."""

from collections.abc import Iterator

import pytest

from tests.local.plugins.kubernetes_control_plane import control_plane


@pytest.fixture(scope="session")
def kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The kubeconfig (contents) of a control plane for the whole run."""
    with control_plane(tmp_path_factory.mktemp("control-plane")) as contents:
        yield contents
