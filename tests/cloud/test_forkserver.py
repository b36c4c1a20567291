"""The engine's plugins and programs run as forks of fork servers, and end with it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud import lifecycle, process_table
from localcloud.paths import CloudPaths
from tests.cloud.conftest import Cloud
from tests.cloud.waiting import eventually
from tests.engine import Project
from tests.unit.localcloud.forkserver.forks import parent

PROGRAM = """
import os, pathlib, sys, time
import pulumi
import pulumi_aws as aws
pulumi.export("parent", pathlib.Path(f"/proc/{os.getppid()}/cmdline").read_text().split("\\0"))
pulumi.export("zones", aws.get_availability_zones().names)
pulumi.export("forkservers", os.environ.get("LOCALCLOUD_FOLDER"))
wait = pulumi.Config().get("wait")
if wait:
    pathlib.Path(wait).touch()
    time.sleep(600)
"""
TIMEOUT = 30.0  # seconds


@pytest.fixture
def project(bare_cloud: Cloud, tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path, "kept", bare_cloud.environment)
    project.program(PROGRAM)
    yield project
    project.destroy()
    project.pulumi("stack", "rm", "--yes")


def forks(cloud: Cloud) -> set[int]:
    """Plugins and programs that run as forks: children of fork servers."""
    paths = CloudPaths(cloud.name)
    kept = {
        pid for pid, line in process_table.command_lines() if lifecycle._is_fork_server(line, paths)
    }
    return {pid for pid in kept if parent(pid) in kept}


def test_a_program_runs_as_a_fork(project: Project) -> None:
    project.up()
    said = project.outputs()
    assert said["parent"][3].endswith("/localcloud/forkserver/server.py")
    assert "eu-west-1a" in said["zones"]
    assert "forkservers" not in said


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_forks_end_with_the_engine(
    bare_cloud: Cloud, project: Project, tmp_path: Path, how: signal.Signals
) -> None:
    waiting = tmp_path / "waiting"
    project.pulumi("config", "set", "wait", str(waiting))
    before = forks(bare_cloud)
    with project.start("preview") as engine:
        eventually(waiting.exists)
        assert len(forks(bare_cloud) - before) >= 3  # the language host, the program, aws
        engine.send_signal(how)
        engine.wait(TIMEOUT)
    eventually(lambda: not forks(bare_cloud) - before)


def test_plugins_run_without_fork_servers(project: Project) -> None:
    """As they do when one cannot be had: here because the run is traced."""
    project.up(TRACEPARENT=f"00-{'1' * 32}-{'2' * 16}-01")
    assert "server.py" not in str(project.outputs()["parent"])
