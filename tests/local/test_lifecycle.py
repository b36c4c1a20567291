"""Clouds that are interrupted or killed, and parts of them that die."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from localcloud.paths import CloudPaths
from localcloud.process_table import first_process
from tests.local.conftest import CHECKOUT, ENVIRONMENT, Cloud, start
from tests.local.leftovers import interfaces, leftovers, network_namespaces

NAME = "test-killed"
UP = [sys.executable, "-m", "localcloud", "--name", NAME, "up"]


@pytest.fixture
def nothing_left() -> Iterator[None]:
    before = interfaces(), network_namespaces()
    yield
    subprocess.run([*UP[:-1], "down"], cwd=CHECKOUT, check=True, env=ENVIRONMENT)
    assert leftovers(NAME) == []
    assert (interfaces(), network_namespaces()) == before


def begin(until: float) -> subprocess.Popen[bytes]:
    """Begin to start a cloud, and return in the middle of it, `until` seconds on."""
    up = subprocess.Popen(UP, cwd=CHECKOUT, start_new_session=True, env=ENVIRONMENT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        up.wait(until)
    return up


@pytest.mark.parametrize("after", [0.2, 0.6, 1.2])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_start_that_is_cut_off_is_cleaned_up(
    nothing_left: None, how: signal.Signals, after: float
) -> None:
    up = begin(after)
    up.send_signal(how)
    up.wait(30)
    if how == signal.SIGINT and up.returncode:
        assert leftovers(NAME) == []


def test_a_half_started_cloud_is_completed_by_the_next_up(nothing_left: None) -> None:
    up = begin(0.5)
    up.kill()
    up.wait()
    subprocess.run(UP, cwd=CHECKOUT, check=True, env=ENVIRONMENT)
    assert first_process(str(CloudPaths(NAME).root))


def test_a_part_that_dies_is_reported_with_its_log_and_comes_back() -> None:
    cloud = start("dead")
    try:
        os.kill(process_of(cloud, "coredns"), signal.SIGKILL)
        deadline = time.monotonic() + 20
        while (
            "coredns had ended (-9)" not in (said := cloud.localcloud("status", check=False)).stdout
        ):
            assert time.monotonic() < deadline, said.stdout
        name = "sts.eu-west-1.amazonaws.com"
        assert "192.0.2.10" in cloud.world(["getent", "hosts", name]).stdout
    finally:
        cloud.down()


def status(cloud: Cloud) -> str:
    return cloud.localcloud("status", check=False).stdout


def process_of(cloud: Cloud, program: str) -> int:
    """The host's id of a process inside the cloud."""
    first = first_process(str(CloudPaths(cloud.name).root))
    assert first
    namespace = os.readlink(f"/proc/{first}/ns/pid")
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                inside = os.readlink(f"/proc/{entry}/ns/pid") == namespace
                if inside and program in os.readlink(f"/proc/{entry}/exe"):
                    return int(entry)
            except OSError:
                continue
    raise AssertionError(f"no {program} in {cloud.name}")
