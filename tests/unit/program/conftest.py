"""The program's runs that several tests look at; each stack runs once."""

import pytest

from tests.unit.program.recording import STACKS, Recording, run_once


@pytest.fixture(params=STACKS)
def program(request: pytest.FixtureRequest) -> Recording:
    """The whole program, for each stack in turn."""
    return run_once(request.param)


@pytest.fixture
def local() -> Recording:
    return run_once("local")


@pytest.fixture
def dev() -> Recording:
    return run_once("dev")


@pytest.fixture
def prod() -> Recording:
    return run_once("prod")
