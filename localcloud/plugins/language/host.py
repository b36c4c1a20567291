"""The language host: the gRPC service by which the engine runs Python programs."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, plugin_pb2
from pulumi.runtime.proto.language_pb2_grpc import (
    LanguageRuntimeServicer,
    add_LanguageRuntimeServicer_to_server,
)

from localcloud.forkserver.client import CLOUD_FOLDER, ForkServer, NoForkServer, Script
from localcloud.plugins import provider
from localcloud.plugins.language.children import Child, output, stop
from localcloud.plugins.language.codegen import generate
from localcloud.plugins.language.interpreter import Interpreter, choose
from localcloud.plugins.provider import PluginError
from localcloud.plugins.values import from_struct

PROGRAM = Path(__file__).with_name("program.py")
SHOWN = 32
"""The exit status of a program whose error the user has been shown."""
# Linux's limit for one variable, with its name and a null byte at its end (execve(2)). Pulumi's own
# host fails above it, too: github.com/pulumi/pulumi/issues/8680.
MOST_CONFIGURATION = 131072 - len("PULUMI_CONFIG=") - 1

AnyChild = TypeVar("AnyChild", bound=Child)


class LanguageHost(LanguageRuntimeServicer):
    """Runs programs, as forks of a fork server if there is one, and plugins.

    Args:
        cloud: the folder of the cloud whose fork servers run programs; None for new processes.
    """

    def __init__(self, cloud: str | None = None) -> None:
        self._cloud = cloud
        self._engine = ""
        self._children: set[Child] = set()
        self._lock = threading.Lock()
        self._cancelled = False

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi"))

    def GetRequiredPackages(self, request: Any, context: grpc.ServicerContext) -> Any:
        # None, or the engine would download them. `localcloud.environment.write_commands` has
        # placed them in the plugin cache.
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: grpc.ServicerContext) -> Any:
        return language_pb2.GetRequiredPluginsResponse()

    def RuntimeOptionsPrompts(self, request: Any, context: grpc.ServicerContext) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def About(self, request: Any, context: grpc.ServicerContext) -> Any:
        python = _interpreter(request.info)
        command = [python.path, "-c", "import platform; print(platform.python_version())"]
        version = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        return language_pb2.AboutResponse(
            executable=python.path, version=version, metadata={"toolchain": "pip"}
        )

    def GetProgramDependencies(self, request: Any, context: grpc.ServicerContext) -> Any:
        python = _interpreter(request.info)
        command = [python.path, "-m", "pip", "list", "--format=json"]
        listed = subprocess.run(
            command, capture_output=True, text=True, check=True, env=python.environment
        ).stdout
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=each["name"], version=each["version"])
                for each in json.loads(listed)
            ]
        )

    def InstallDependencies(
        self, request: Any, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        text = "Nothing to install: this language host runs what `make local` has installed.\n"
        yield language_pb2.InstallDependenciesResponse(stdout=text.encode())

    def GenerateProgram(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The code that `pulumi import` prints; `pulumi convert` is not supported."""
        code = generate(request.source)
        return language_pb2.GenerateProgramResponse(source={"__main__.py": code.encode()})

    def Run(self, request: Any, context: grpc.ServicerContext) -> Any:
        python = _interpreter(request.info)
        environment = {
            **python.environment,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        if (size := len(environment["PULUMI_CONFIG"])) > MOST_CONFIGURATION:
            raise PluginError(
                f"the stack's configuration has {size} bytes: it must be {MOST_CONFIGURATION} at "
                "most, as Linux hands no more to the program in a variable; shorten it"
            )
        settings = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "project": request.project,
            "stack": request.stack,
            "parallel": request.parallel,
            "dry_run": request.dryRun,
            "organization": request.organization,
            "root_directory": request.info.root_directory,
            "program": request.info.entry_point,
        }
        argv = [str(PROGRAM), json.dumps(settings), *request.args]
        script = Script(argv, request.pwd, environment)
        status = self._wait(self._start(lambda: self._program(python.path, script)))
        if status == SHOWN:
            return language_pb2.RunResponse(bail=True)
        error = f"program exited with non-zero exit code: {status}" if status else ""
        return language_pb2.RunResponse(error=error)

    def RunPlugin(
        self, request: Any, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        python = _interpreter(request.info)
        folder = request.info.program_directory
        policies = request.kind == "analyzer"
        if policies:
            command = [python.path, "-u", "-m", "pulumi.policy", *request.args, folder]
        else:
            command = [python.path, "-u", folder, *request.args]
        child = self._start(
            lambda: subprocess.Popen(
                command,
                cwd=folder if policies else request.pwd,
                env={**python.environment, **dict(each.split("=", 1) for each in request.env)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        context.add_callback(lambda: stop(child))
        yield from output(child)
        yield language_pb2.RunPluginResponse(exitcode=self._wait(child))

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.stop()
        return Empty()

    def stop(self) -> None:
        """Interrupt every child, and kill those that do not end."""
        with self._lock:
            self._cancelled = True
            children = list(self._children)
        for child in children:
            stop(child)

    def _program(self, executable: str, script: Script) -> Child:
        """Start a program in a fork of a fork server, or else in a new process."""
        with open(os.devnull) as nothing:
            if self._cloud:
                with contextlib.suppress(NoForkServer):
                    server = ForkServer(self._cloud, executable)
                    return server.run(script, (nothing.fileno(), 1, 2))
            # -P keeps the script's folder off sys.path.
            command = [executable, "-P", "-u", *script.argv]
            return subprocess.Popen(command, stdin=nothing, cwd=script.cwd, env=script.env)

    def _start(self, start: Callable[[], AnyChild]) -> AnyChild:
        with self._lock:
            if self._cancelled:
                raise PluginError("cancelled before the program started")
            child = start()
            self._children.add(child)
            return child

    def _wait(self, child: Child) -> int:
        status = child.wait()
        with self._lock:
            self._children.discard(child)
        return status


def _interpreter(info: language_pb2.ProgramInfo) -> Interpreter:
    return choose(info.root_directory, from_struct(info.options))


def serve() -> None:
    """Run the plugin until the engine stops it or ends."""
    descriptors = provider.watch()
    host = LanguageHost(os.environ.pop(CLOUD_FOLDER, None))
    # Each running program and plugin occupies a thread.
    server, port = provider.listen(
        lambda server: add_LanguageRuntimeServicer_to_server(host, server), 16
    )
    provider.announce(port)
    provider.wait_for_end(descriptors)
    sys.stdout.flush()
    host.stop()
    provider.end(server)
