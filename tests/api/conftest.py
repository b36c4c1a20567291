"""What all tests of the AWS API share."""

from collections.abc import Iterator

import pytest

from localcloud.aws.eks import offered
from localcloud.tools import versions


@pytest.fixture(scope="session", autouse=True)
def _one_kubernetes_version() -> Iterator[None]:
    """As if no other Kubernetes version was built, which one is on some machines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(offered, "kubernetes_versions", lambda: {"1.35": versions.KUBERNETES})
        yield
