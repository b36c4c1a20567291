"""A Pulumi stack for tests: the real engine and plugins, on an AWS API that tests can stop."""

import json
import os
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localcloud.aws import backends
from localcloud.aws.api import AwsApi, bootstrap
from localcloud.aws.http import Server
from localcloud.aws.request import Request, Response
from localcloud.changes import Changes
from localcloud.tools import find

CHECKOUT = Path(__file__).resolve().parents[3]
PLUGINS = {
    "pulumi-language-python": "localcloud.plugins.language",
    "pulumi-resource-aws": "localcloud.plugins.aws",
}
TIMEOUT = 120.0  # seconds


class GatedApi(AwsApi):
    """The cloud's AWS API, which counts requests and can delay one answer."""

    def __init__(self) -> None:
        super().__init__(Changes())
        self.requests: list[str] = []
        self.done = threading.Event()
        """Set when the held operation has been carried out."""
        self.release = threading.Event()
        self._hold = b""

    def hold(self, operation: str) -> None:
        """Carry out the next such operation, but do not answer it before `release`."""
        self._hold = b"Action=" + operation.encode()

    def respond(self, request: Request) -> Response:
        response = super().respond(request)
        self.requests.append(request.path)
        if self._hold and self._hold in request.body:
            self._hold = b""
            self.done.set()
            self.release.wait(TIMEOUT)
        return response


class Stack:
    """A project in a folder, with state, plugins and environment of its own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        for name in ("bin", "state", "project"):
            (folder / name).mkdir()
        pulumi = find().binary("pulumi")
        # The engine takes its language host from beside its own executable, links resolved.
        (folder / "bin/pulumi").hardlink_to(pulumi)
        for name, module in PLUGINS.items():
            command = f'exec {shlex.quote(sys.executable)} -P -m {module} "$@"'
            path = folder / "bin" / name
            path.write_text(f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(CHECKOUT))} {command}\n")
            path.chmod(0o755)
        self._environment = {
            **os.environ,
            **environment,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        text = "name: example\nruntime: {name: python}\nconfig: {aws:region: {value: eu-west-1}}\n"
        (folder / "project/Pulumi.yaml").write_text(text)
        self.pulumi("stack", "init", "test")

    def program(self, text: str) -> None:
        """Replace the program."""
        lines = ("import json", "import pulumi", "import pulumi_aws as aws", text)
        (self.folder / "project/__main__.py").write_text("\n".join(lines))

    def add(self, text: str) -> None:
        """Append to the program."""
        with (self.folder / "project/__main__.py").open("a") as file:
            file.write(f"\n{text}")

    def start(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["pulumi", "--non-interactive", "--color", "never", *args],
            cwd=self.folder / "project", env=self._environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def pulumi(self, *args: str, fails: bool = False) -> str:
        """The output of a command, which must succeed, or fail."""
        with self.start(*args) as process:
            said, _ = process.communicate(timeout=TIMEOUT)
        assert bool(process.returncode) == fails, said
        return str(said)

    def up(self, *args: str) -> str:
        return self.pulumi("up", "--yes", "--skip-preview", *args)

    def outputs(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json"))
        return loaded

    def resources(self) -> list[dict[str, Any]]:
        """Every resource of the state, with secrets encrypted."""
        exported = json.loads(self.pulumi("stack", "export"))
        found: list[dict[str, Any]] = exported["deployment"].get("resources", [])
        return found


@contextmanager
def gated_api() -> Iterator[tuple[GatedApi, dict[str, str]]]:
    """A served API, and the environment variables that lead to it."""
    backends.reset()
    api = GatedApi()
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(api.app)
    server.serve(listener)
    key, secret = bootstrap(api)
    try:
        yield (
            api,
            {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{listener.getsockname()[1]}",
                "AWS_ACCESS_KEY_ID": key,
                "AWS_SECRET_ACCESS_KEY": secret,
                "AWS_REGION": "eu-west-1",
                "AWS_DEFAULT_REGION": "eu-west-1",
            },
        )
    finally:
        api.release.set()
        server.close()


def client(environment: dict[str, str], service: str) -> Any:
    """A boto3 client for looking at the cloud."""
    import boto3

    return boto3.client(
        service,
        region_name="eu-west-1",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def lines(text: str, *parts: str) -> Sequence[str]:
    """The lines that contain all these parts."""
    return [line for line in text.splitlines() if all(part in line for part in parts)]
