"""A stack as prod: made with a public API, then run and removed through the bastion.

As https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html ("Accessing a private
only API server"), by Session Manager's port forwarding to a remote host:
https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
"""

import json
import re
import shlex
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cloud.conftest import CHECKOUT, CLOUD_TIMEOUT, STACK, Cloud, processes_of, start
from tests.cloud.inventory import inventory
from tests.cloud.test_stack import checks
from tests.terminal import Terminal

WORKER = "ssm-session-worker"
PUBLIC = {"endpoint-public-access-cidrs": ["198.18.0.0/24"]}  # this machine and the world
PRIVATE = {"endpoint-public-access": False, "endpoint-public-access-cidrs": []}
AS_PROD = {"load-balancer-scheme": "internal", "zone-count": 3, "nat": "one-per-zone"}


class Stack:
    """The stack of a cloud, with settings of its own."""

    def __init__(self, cloud: Cloud, folder: Path, **settings: Any) -> None:
        self.cloud = cloud
        self._file = folder / f"Pulumi.{STACK}.yaml"
        self._settings = settings
        cloud.run(["pulumi", "stack", "init", STACK])

    def pulumi(self, *args: str, check: bool = True) -> str:
        done = self.cloud.pulumi(*args, "--config-file", str(self._file), check=check)
        return done.stdout + done.stderr

    def configure(self, **settings: Any) -> None:
        shipped = yaml.safe_load((CHECKOUT / self._file.name).read_text())
        for key, value in {**self._settings, **settings}.items():
            shipped["config"][f"eks-service-types:{key}"] = value
        self._file.write_text(yaml.safe_dump(shipped))


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def stack(tmp_path: Path, port: int) -> Iterator[Stack]:
    cloud = start("private")
    try:
        yield Stack(cloud, tmp_path, **AS_PROD, **{"api-tunnel-port": port})
    finally:
        cloud.down()


def failed(cloud: Cloud) -> dict[int, str]:
    """What the checks that do not hold saw; all ten have run."""
    results = checks(cloud)
    assert sorted(results) == list(range(1, 11))
    return {number: row["saw"] for number, row in results.items() if not row["ok"]}


@pytest.mark.timeout(CLOUD_TIMEOUT)
def test_a_private_api_is_used_through_the_bastion_until_the_end(stack: Stack, port: int) -> None:
    cloud = stack.cloud
    before = inventory(cloud.client)
    stack.configure(**PRIVATE)
    assert "through the bastion, which the first `up` makes" in stack.pulumi("preview", check=False)
    stack.configure(**PUBLIC)
    stack.pulumi("up", "--yes", "--skip-preview")
    assert failed(cloud) == {}

    command = shlex.split(cloud.outputs()["api_tunnel_command"])
    with closing(Terminal(command, cloud.environment)) as session:
        session.shows("Waiting for connections")
        stack.configure(**PRIVATE)
        replaced = re.findall(r"(\S+) replaced \(", stack.pulumi("up", "--yes", "--skip-preview"))
        # Of pulumi-eks, for nothing: here the endpoint's host changes, on AWS it does not.
        assert set(replaced) <= {"cluster-control-plane-eks-k8s"}
        (cluster,) = json.loads(cloud.outputs()["kubeconfig"])["clusters"]
        assert cluster["cluster"]["server"] == f"https://127.0.0.1:{port}"
        stack.pulumi("preview", "--expect-no-changes")
        stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
        assert failed(cloud) == {}
        assert len(processes_of(cloud, WORKER)) == 1  # the checks have ended theirs

        stack.pulumi("destroy", "--yes", "--skip-preview")
    assert inventory(cloud.client) - before == set()
