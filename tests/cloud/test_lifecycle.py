"""Clouds that are interrupted or killed, and parts of them that die."""

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from localcloud.paths import CloudPaths
from localcloud.process_table import first_process
from tests.cloud.conftest import CHECKOUT, ENVIRONMENT, processes_of, start
from tests.cloud.leftovers import interfaces, leftovers, network_namespaces

NAME = "test-killed"
UP = [sys.executable, "-m", "localcloud", "--name", NAME, "up"]


def down() -> None:
    subprocess.run([*UP[:-1], "down"], cwd=CHECKOUT, check=True, env=ENVIRONMENT)


@pytest.fixture
def taken_down() -> Iterator[None]:
    """Whatever a test leaves is gone after it."""
    yield
    down()


def machine() -> tuple[set[str], set[str]]:
    """What clouds change on the machine."""
    return interfaces(), network_namespaces()


def begin(until: float) -> subprocess.Popen[bytes]:
    """Begin to start a cloud, and return in the middle of it, `until` seconds on."""
    up = subprocess.Popen(UP, cwd=CHECKOUT, start_new_session=True, env=ENVIRONMENT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        up.wait(until)
    return up


@pytest.mark.parametrize("after", [0.2, 0.6, 1.2])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_a_start_that_is_cut_off(
    taken_down: None, how: signal.Signals, after: float
) -> None:
    before = machine()
    up = begin(after)
    up.send_signal(how)
    if up.wait(30) == 0 or how == signal.SIGKILL:  # else it cleans up itself
        down()
    assert leftovers(NAME) == []
    assert machine() == before


def test_a_half_started_cloud_is_completed_by_the_next_up(taken_down: None) -> None:
    before = machine()
    up = begin(0.5)
    up.kill()
    up.wait()
    subprocess.run(UP, cwd=CHECKOUT, check=True, env=ENVIRONMENT)
    assert first_process(str(CloudPaths(NAME).root))
    down()
    assert leftovers(NAME) == []
    assert machine() == before


def test_a_cloud_whose_aws_api_is_killed_says_so_and_what_to_do() -> None:
    cloud = start("dead")
    try:
        first = first_process(str(CloudPaths(cloud.name).root))
        assert first
        pidfd = os.pidfd_open(first)
        (api,) = processes_of(cloud, "-m localcloud.cloud ")
        os.kill(api, signal.SIGKILL)
        assert select.select([pidfd], [], [], 20)[0]
        os.close(pidfd)
        said = cloud.localcloud("status", check=False)
        assert said.returncode == 1
        assert "has ended, and its records are lost" in said.stderr
        said = cloud.localcloud("logs", "cloud")
        assert said.stdout.endswith(
            "the process of the AWS API exited (-9), and the cloud ended with it\n"
        )
        cloud.localcloud("up")
        assert "running  dns" in cloud.localcloud("status", check=False).stdout
    finally:
        cloud.down()
