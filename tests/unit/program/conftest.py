"""The program's runs that several tests look at; each stack runs once."""

import pytest

from tests.unit.program.recording import STACKS, Recording, run_once


@pytest.fixture(params=STACKS)
def program(request: pytest.FixtureRequest) -> Recording:
    """The whole program, for each stack in turn."""
    return run_once(request.param)


local = pytest.fixture(lambda: run_once("local"))
dev = pytest.fixture(lambda: run_once("dev"))
prod = pytest.fixture(lambda: run_once("prod"))
