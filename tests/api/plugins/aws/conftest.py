"""A plugin on the cloud's AWS API, and resources that examples need."""

from functools import cached_property
from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from tests.api.plugins.aws.engine import Engine, Resource
from tests.api.plugins.aws.examples import EXAMPLES
from tests.api.plugins.conftest import REGION


@pytest.fixture(scope="session")
def engine(api: AwsApi) -> Engine:
    """One plugin for all tests; URNs keep them apart."""
    return Engine(region=REGION)


class Present:
    """Resources that examples need: each made once, from its own example."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: dict[tuple[str, str], Resource] = {}

    @cached_property
    def image(self) -> str:
        """The id of an Amazon Linux 2023 image."""
        name = {"name": "name", "values": ["al2023-ami-2023.*-x86_64"]}
        asked = {"mostRecent": True, "owners": ["amazon"], "filters": [name]}
        return str(self._engine.invoke("aws:ec2/getAmi:getAmi", asked)["id"])

    def __call__(self, token: str, which: str = "needed", /, **more: Any) -> Resource:
        """The resource of a type; another one for another `which`, with `more` inputs."""
        if (token, which) not in self._made:
            inputs = {**EXAMPLES[token].inputs(self), **more}
            self._made[token, which] = self._engine.create(token, which, inputs)
        return self._made[token, which]


@pytest.fixture(scope="session")
def present(engine: Engine) -> Present:
    return Present(engine)
