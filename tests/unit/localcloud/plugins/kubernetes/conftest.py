"""What the kubernetes plugin's unit tests share."""

from collections.abc import Iterator

import pytest

from tests.unit.localcloud.plugins.kubernetes.api_server import ApiServer, kubeconfig, serving
from tests.unit.localcloud.plugins.kubernetes.engine import Engine


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with serving() as server:
        yield server


@pytest.fixture
def engine(api: ApiServer) -> Iterator[Engine]:
    with Engine(kubeconfig=kubeconfig(api.url)) as running:
        yield running
