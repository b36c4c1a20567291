"""The tunnel to a private API server: opened where it is needed, and ended."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from checks.kubernetes import Cluster
from checks.outcome import CannotRun, FailedProbe
from checks.outputs import Outputs
from checks.tunnel import open_tunnel
from tests.unit.checks import support
from tests.unit.checks.support import Kubectl

# As of `aws`: a program of its own holds the session.
HOLDS = "sh -c 'echo $$ > {pid}; echo Waiting for connections...; exec sleep 30'"
PORT_1 = "aws ssm start-session --parameters host=h,portNumber=443,localPortNumber=1"


@pytest.fixture
def pid(tmp_path: Path, kubectl: Kubectl) -> Path:
    """Where the session's program writes its process id."""
    file = tmp_path / "pid"
    support.script(tmp_path / "bin" / "aws", f"#!/bin/sh\n{HOLDS.format(pid=file)}\n")
    return file


def test_the_tunnel_is_open_while_kubectl_is_used(kubectl: Kubectl, pid: Path) -> None:
    kubectl.answers("/api/v1/nodes", {"items": [support.node("i-1", "10.0.0.1")]})
    outputs = {"kubeconfig": support.KUBECONFIG, "api_tunnel_command": PORT_1, "namespace": "n"}
    with closing(Cluster(Outputs(outputs))) as cluster:
        assert cluster.nodes()
        assert cluster.nodes()
        session = int(pid.read_text())
        os.kill(session, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(session, 0)


@pytest.fixture
def open_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_no_session_is_started_where_none_is_needed(pid: Path, open_port: int) -> None:
    is_open = PORT_1.replace("localPortNumber=1", f"localPortNumber={open_port}")
    for command, server in (
        ("", "https://127.0.0.1:1"),
        (PORT_1, "https://127.0.0.1:15"),
        (PORT_1, "https://eks.amazonaws.com"),
        (is_open, f"https://127.0.0.1:{open_port}"),
    ):
        with open_tunnel(command, json.dumps({"clusters": [{"cluster": {"server": server}}]})):
            assert not pid.exists()


@pytest.mark.parametrize(
    ("does", "error", "message"),
    [
        ("echo not connected >&2; exit 254", FailedProbe, "aws ssm: not connected"),
        (None, CannotRun, "there is no aws on PATH"),
    ],
)
def test_a_session_that_does_not_start_is_told(
    does: str | None,
    error: type[Exception],
    message: str,
    tmp_path: Path,
    kubectl: Kubectl,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    if does:
        support.script(tmp_path / "bin" / "aws", f"#!/bin/sh\n{does}\n")
    with (
        pytest.raises(error, match=message),
        open_tunnel(PORT_1, support.KUBECONFIG),
    ):
        pass
