"""The engine's plugins and programs run as forks of fork servers, and end with it."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud import lifecycle, process_table
from localcloud.paths import CloudPaths
from tests.local.conftest import Cloud
from tests.unit.localcloud.forkserver.forks import parent, until

PROGRAM = """
import os, pathlib, sys, time
import pulumi
import pulumi_aws as aws
pulumi.export("parent", pathlib.Path(f"/proc/{os.getppid()}/cmdline").read_text().split("\\0"))
pulumi.export("zones", aws.get_availability_zones().names)
pulumi.export("forkservers", os.environ.get("LOCALCLOUD_FORKSERVERS"))
wait = pulumi.Config().get("wait")
if wait:
    pathlib.Path(wait).touch()
    time.sleep(600)
"""
TIMEOUT = 30.0  # seconds


@pytest.fixture
def project(bare_cloud: Cloud, tmp_path: Path) -> Iterator[list[str]]:
    (tmp_path / "Pulumi.yaml").write_text("name: kept\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    command = ["pulumi", "--non-interactive", "--cwd", str(tmp_path)]
    bare_cloud.run([*command, "stack", "init", "kept"])
    yield command
    bare_cloud.run([*command, "stack", "rm", "--yes", "--force", "kept"])


def forks(cloud: Cloud) -> set[int]:
    """Plugins and programs that run as forks: children of fork servers."""
    paths = CloudPaths(cloud.name)
    kept = {
        pid for pid, line in process_table.command_lines() if lifecycle._is_fork_server(line, paths)
    }
    return {pid for pid in kept if parent(pid) in kept}


def test_a_program_runs_as_a_fork(bare_cloud: Cloud, project: list[str]) -> None:
    bare_cloud.run([*project, "up", "--yes"])
    said = outputs(bare_cloud, project)
    assert said["parent"][3].endswith("/localcloud/forkserver/server.py")
    assert "eu-west-1a" in said["zones"]
    assert "forkservers" not in said


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_forks_end_with_the_engine(
    bare_cloud: Cloud, project: list[str], tmp_path: Path, how: signal.Signals
) -> None:
    waiting = tmp_path / "waiting"
    bare_cloud.run([*project, "config", "set", "wait", str(waiting)])
    before = forks(bare_cloud)
    engine = subprocess.Popen(
        [*project, "preview"], env=bare_cloud.environment, stdin=subprocess.DEVNULL
    )
    until(waiting.exists, TIMEOUT)
    assert len(forks(bare_cloud) - before) >= 3  # the language host, the program, aws
    engine.send_signal(how)
    engine.wait(TIMEOUT)
    until(lambda: not forks(bare_cloud) - before, TIMEOUT)


def test_plugins_run_without_fork_servers(bare_cloud: Cloud, project: list[str]) -> None:
    """As they do when one cannot be had: here because the run is traced."""
    traced = {**bare_cloud.environment, "TRACEPARENT": f"00-{'1' * 32}-{'2' * 16}-01"}
    command = [*project, "up", "--yes", "--skip-preview"]
    subprocess.run(command, env=traced, check=True, capture_output=True, timeout=120)
    assert "server.py" not in str(outputs(bare_cloud, project)["parent"])


def outputs(cloud: Cloud, project: list[str]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(cloud.run([*project, "stack", "output", "--json"]).stdout)
    return loaded
