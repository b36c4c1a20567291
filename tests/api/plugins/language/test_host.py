"""The language host runs programs and plugins as the official one does."""

import json
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

from localcloud.plugins import provider
from localcloud.plugins.language.host import LanguageHost


class Monitor(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """As much of the engine as a program without resources needs; keeps what it logs."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.root = ""

    def SupportsFeature(self, request: Any, context: grpc.ServicerContext) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)

    def RegisterResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:s::p::{request.type}::r")

    def RegisterResourceOutputs(self, request: Any, context: grpc.ServicerContext) -> Any:
        return Empty()

    def SignalAndWaitForShutdown(self, request: Any, context: grpc.ServicerContext) -> Any:
        return Empty()

    def SetRootResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def GetRootResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        return engine_pb2.GetRootResourceResponse(urn=self.root)

    def Log(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)
        return Empty()


@pytest.fixture
def monitor() -> Iterator[tuple[Monitor, str]]:
    monitor = Monitor()
    server = grpc.server(ThreadPoolExecutor(4))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(monitor, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield monitor, address
    server.stop(None).wait()


@pytest.fixture
def host() -> Iterator[language_pb2_grpc.LanguageRuntimeStub]:
    servicer = LanguageHost()
    server, port = provider.listen(
        lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(servicer, server), 8
    )
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield language_pb2_grpc.LanguageRuntimeStub(channel)
    servicer.stop()
    server.stop(None).wait()


def info(folder: Path, **options: str) -> language_pb2.ProgramInfo:
    given = struct_pb2.Struct()
    given.update(options)
    return language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point=".", options=given
    )


def run(host: Any, address: str, folder: Path, program: str, **more: Any) -> Any:
    (folder / "__main__.py").write_text(program)
    host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address=address))
    return host.Run(
        language_pb2.RunRequest(
            monitor_address=address,
            project="p",
            stack="s",
            organization="o",
            parallel=2,
            pwd=str(folder),
            info=info(folder),
            **more,
        )
    )


def test_a_program_runs_with_its_settings(
    host: Any, monitor: tuple[Monitor, str], tmp_path: Path
) -> None:
    program = """
import json, os, sys
import pulumi
seen = {
    "project": pulumi.get_project(), "stack": pulumi.get_stack(),
    "organization": pulumi.get_organization(), "preview": pulumi.runtime.is_dry_run(),
    "size": pulumi.Config("p").get("size"), "secret": pulumi.Config("p").get("password"),
    "root": pulumi.get_root_directory(),
    "here": os.getcwd(), "argv": sys.argv, "modules": [p for p in sys.path if "language" in p],
}
open("seen.json", "w").write(json.dumps(seen))
"""
    config = {"p:size": "3", "p:password": "x"}
    done = run(
        host, monitor[1], tmp_path, program, dryRun=True, config=config,
        configSecretKeys=["p:password"], args=["--flag"],
    )  # fmt: skip
    assert (done.error, done.bail) == ("", False)
    assert json.loads((tmp_path / "seen.json").read_text()) == {
        "project": "p",
        "stack": "s",
        "organization": "o",
        "preview": True,
        "size": "3",
        "secret": "x",
        "root": str(tmp_path),
        "here": str(tmp_path),
        "argv": [".", "--flag"],
        "modules": [],
    }


@pytest.mark.parametrize(
    ("program", "error", "bail", "said"),
    [
        ("import sys; sys.exit(3)", "program exited with non-zero exit code: 3", False, []),
        (
            "import pulumi\nraise pulumi.RunError('not so')",
            "program exited with non-zero exit code: 1",
            False,
            ["not so"],
        ),
        (
            "def f():\n    raise ValueError('bad zone')\nf()",
            "",
            True,
            ["Program failed with an unhandled exception:", "line 3, in <module>", "bad zone"],
        ),
        ("raise Exception('resource monitor shut down')", "", True, []),
        (
            "import pulumi\nraise pulumi.RunError('Resource monitor has terminated')",
            "",
            True,
            [],
        ),
    ],
)
def test_a_failure_is_told_as_the_official_host_tells_it(
    host: Any,
    monitor: tuple[Monitor, str],
    tmp_path: Path,
    program: str,
    error: str,
    bail: bool,
    said: list[str],
) -> None:
    done = run(host, monitor[1], tmp_path, program)
    assert (done.error, done.bail) == (error, bail)
    text = "\n".join(monitor[0].errors)
    assert all(part in text for part in said)
    assert "program.py" not in text
    assert bool(text) == bool(said)


def test_a_folder_without_a_program_is_named(
    host: Any, monitor: tuple[Monitor, str], tmp_path: Path
) -> None:
    host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address=monitor[1]))
    request = language_pb2.RunRequest(
        monitor_address=monitor[1], project="p", stack="s", pwd=str(tmp_path), info=info(tmp_path)
    )
    assert host.Run(request).bail
    assert monitor[0].errors == [
        f"unable to find main python program `__main__.py` in `{tmp_path}`"
    ]


def test_cancel_ends_the_program(host: Any, monitor: tuple[Monitor, str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "started")
    # Opening a pipe for reading waits for its writer, which never comes: the program hangs.
    program = "open('started', 'w').close(); open('started').read()"
    results: list[Any] = []
    thread = threading.Thread(
        target=lambda: results.append(run(host, monitor[1], tmp_path, program))
    )
    thread.start()
    (tmp_path / "started").open().close()
    host.Cancel(Empty())
    thread.join(10)
    assert results[0].error


def test_a_virtualenv_that_is_not_there_is_named(host: Any, tmp_path: Path) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        host.About(language_pb2.AboutRequest(info=info(tmp_path, virtualenv="venv")))
    assert f"{tmp_path}/venv/bin/python does not exist" in str(refused.value.details())


def test_a_virtualenv_is_used(host: Any, tmp_path: Path) -> None:
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").symlink_to(sys.executable)
    about = host.About(language_pb2.AboutRequest(info=info(tmp_path, virtualenv="venv")))
    assert about.executable == str(tmp_path / "venv/bin/python")
    assert about.version == sys.version.split()[0]


def test_an_option_it_does_not_have_is_refused(host: Any, tmp_path: Path) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        host.About(language_pb2.AboutRequest(info=info(tmp_path, toolchain="poetry")))
    assert refused.value.details() == "the runtime option toolchain: poetry is not supported here"


def test_it_has_nothing_to_install(host: Any, tmp_path: Path) -> None:
    assert not host.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest()).packages
    assert not host.GetRequiredPlugins(language_pb2.GetRequiredPluginsRequest()).plugins
    assert not host.RuntimeOptionsPrompts(language_pb2.RuntimeOptionsRequest()).prompts
    (answer,) = host.InstallDependencies(language_pb2.InstallDependenciesRequest())
    assert b"Nothing to install" in answer.stdout


def test_a_plugin_is_run_and_heard(host: Any, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(
        "import os, sys; print(sys.argv[1], os.environ['SAY']);"
        "print('bad', file=sys.stderr); sys.exit(4)"
    )
    request = language_pb2.RunPluginRequest(
        pwd=str(tmp_path), args=["127.0.0.1:1"], env=["SAY=hello"], info=info(tmp_path)
    )
    answers = list(host.RunPlugin(request))
    assert b"".join(each.stdout for each in answers) == b"127.0.0.1:1 hello\n"
    assert b"".join(each.stderr for each in answers) == b"bad\n"
    assert answers[-1].exitcode == 4


def test_a_policy_pack_is_run_by_the_sdk(host: Any, tmp_path: Path) -> None:
    """In its own folder, with the folder as the last argument."""
    (tmp_path / "__main__.py").write_text("import os; print('policies in', os.getcwd())")
    request = language_pb2.RunPluginRequest(
        pwd="/", kind="analyzer", args=["127.0.0.1:1"], info=info(tmp_path)
    )
    answers = list(host.RunPlugin(request))
    assert f"policies in {tmp_path}\n".encode() in b"".join(each.stdout for each in answers)
    assert answers[-1].exitcode == 0
