"""A local cloud of the tests' own, with the stack up, and how to run commands in it."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud import environment, lifecycle
from localcloud.paths import CloudPaths
from localcloud.process_table import first_process
from tests.cloud.leftovers import command_line, of_processes

CHECKOUT = Path(__file__).resolve().parents[2]
STACK = "local"
COMMAND_TIMEOUT = 300  # seconds
CLOUD_TIMEOUT = 900  # seconds for a test that may have to wait for a cloud and its stack
# As it was before tests that serve an API in this process put that one's address into it, and
# without what `make test` adds: a make inside of another one prints more.
ENVIRONMENT = {name: value for name, value in os.environ.items() if "MAKE" not in name}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests on a running cloud longer than others: the first of them starts it."""
    for item in items:
        if isinstance(item, pytest.Function) and "bare_cloud" in item.fixturenames:
            item.add_marker(pytest.mark.timeout(CLOUD_TIMEOUT))


@dataclass(frozen=True)
class Cloud:
    """A running cloud; commands run in the environment that `localcloud env` gives.

    `keys` are the environment variables of a user other than the administrator.
    """

    name: str
    stack: str = STACK
    keys: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def environment(self) -> dict[str, str]:
        paths = CloudPaths(self.name)
        started = lifecycle.CloudInfo.read(paths)
        assert started is not None
        values = environment.variables(paths, started, ENVIRONMENT["PATH"])
        return {**environment.merged(values, ENVIRONMENT), **self.keys}

    def run(
        self, args: Sequence[str], check: bool = True, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on the host that reads `text`; a failure shows what it printed."""
        done = subprocess.run(
            args, env=self.environment, cwd=CHECKOUT, text=True, timeout=COMMAND_TIMEOUT,
            capture_output=True, check=False, input=text,
        )  # fmt: skip
        if check and done.returncode:
            pytest.fail(f"{' '.join(args)} -> {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def localcloud(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run([sys.executable, "-m", "localcloud", *args], check)

    def on(
        self, host: str, args: Sequence[str], check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on a host of the cloud: world, bastion, a node."""
        return self.localcloud("exec", host, "--", *args, check=check)

    def world(self, args: Sequence[str], check: bool = True) -> subprocess.CompletedProcess[str]:
        keys = [f"{name}={value}" for name, value in self.keys.items()]
        return self.on("world", ["env", *keys, *args], check)

    def pulumi(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run(["pulumi", "--non-interactive", *args, "--stack", self.stack], check)

    def outputs(self) -> dict[str, Any]:
        text = self.pulumi("stack", "output", "--json", "--show-secrets").stdout
        return dict(json.loads(text))

    def resources(self) -> list[dict[str, Any]]:
        """The stack's state."""
        return list(json.loads(self.pulumi("stack", "export").stdout)["deployment"]["resources"])

    def client(self, service: str, **keys: str) -> Any:
        """A boto3 client as the cloud's administrator, or with these keys."""
        given = self.environment
        own = {name.lower(): given[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        place = {"endpoint_url": given["AWS_ENDPOINT_URL"], "region_name": given["AWS_REGION"]}
        return boto3.client(service, **place, **{**own, **keys})

    def down(self) -> None:
        self.localcloud("down")


def processes_of(cloud: Cloud, words: str) -> list[int]:
    """The machine's ids of a cloud's processes, pods excluded, by words of their command line."""
    first = first_process(str(CloudPaths(cloud.name).root))
    assert first
    namespace = Path(f"/proc/{first}/ns/pid").readlink()

    def wanted(process: Path) -> bool:
        inside = (process / "ns" / "pid").readlink() == namespace
        return inside and words in command_line(process)

    return sorted(pid for pid, found in of_processes(wanted) if found)


def start(suffix: str) -> Cloud:
    """A new cloud, named after this checkout so that other checkouts' tests do not meet it."""
    here = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:6]
    name = f"test-{here}-{suffix}"
    for command in ("down", "up"):  # a run that was killed may have left it
        subprocess.run(
            [sys.executable, "-m", "localcloud", "--name", name, command],
            cwd=CHECKOUT, check=True, stdin=subprocess.DEVNULL, env=ENVIRONMENT,
        )  # fmt: skip
    return Cloud(name)


def deploy(cloud: Cloud) -> None:
    """The stack, from nothing."""
    cloud.run(["pulumi", "stack", "init", STACK])
    cloud.pulumi("up", "--yes", "--skip-preview")


@pytest.fixture(scope="session")
def bare_cloud() -> Iterator[Cloud]:
    """A cloud that runs, perhaps with the stack."""
    cloud = start("a")
    yield cloud
    cloud.down()


@pytest.fixture(scope="session")
def cloud(bare_cloud: Cloud) -> Cloud:
    """The cloud with the stack up."""
    deploy(bare_cloud)
    return bare_cloud
