"""What every resource plugin shares: serving gRPC to the engine, failing well, and stopping.

A plugin derives from `Provider`, implements the RPCs it has and calls `serve(Provider())`. From any
RPC it raises `ProviderError` (one line for the person) or `InitFailed` (made, but not well; the
engine keeps it in the state). Values and diffs: `localcloud.plugins.values` and `.diffs`.
"""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import (
    ResourceProviderServicer,
    add_ResourceProviderServicer_to_server,
)

from localcloud.plugins.failures import Failures
from localcloud.plugins.failures import InitFailed as InitFailed
from localcloud.plugins.failures import ProviderError as ProviderError

THREADS = 32
_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # A request may wait in the queue while all threads wait for AWS or Kubernetes.
    ("grpc.server_max_unrequested_time_in_server", 1800),
    ("grpc.so_reuseport", 0),
]


class Provider(ResourceProviderServicer):
    """The RPCs that are the same in every resource plugin.

    Args:
        name: the package, such as `aws`.
        version: what GetPluginInfo answers; the engine compares it with what the program wants.
    """

    def __init__(self, name: str, version: str) -> None:
        self.name = name
        self.version = version
        self.cancelled = threading.Event()
        """Set once the engine wants to stop: every wait must end early on it."""
        self._engine: engine_pb2_grpc.EngineStub | None = None

    def log(self, urn: str, message: str, *, warning: bool = False, status: bool = False) -> None:
        """Show a message beside the resource; `status` ones live only until the next."""
        if self._engine is not None:
            severity = engine_pb2.WARNING if warning else engine_pb2.INFO
            self._engine.Log(
                engine_pb2.LogRequest(severity=severity, urn=urn, message=message, ephemeral=status)
            )

    def _connect(self, address: str) -> None:
        if address:
            channel = grpc.insecure_channel(address, options=_OPTIONS)
            self._engine = engine_pb2_grpc.EngineStub(channel)

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._connect(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._connect(request.address)
        return Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=self.version)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.cancelled.set()
        return Empty()


def check_failures(failures: Mapping[str, str]) -> list[provider_pb2.CheckFailure]:
    """The failures of a Check or an Invoke, from property path to reason."""
    return [
        provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in failures.items()
    ]


def listen(register: Callable[[grpc.Server], None], threads: int) -> tuple[grpc.Server, int]:
    """Serve what `register` adds on a free loopback port; returns the server and the port."""
    server = grpc.server(ThreadPoolExecutor(threads), interceptors=[Failures()], options=_OPTIONS)
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def start(provider: ResourceProviderServicer, threads: int = THREADS) -> tuple[grpc.Server, int]:
    """Serve a resource provider; see `listen`."""
    return listen(lambda server: add_ResourceProviderServicer_to_server(provider, server), threads)


def serve(provider: Provider) -> None:
    """Run the plugin: print the port for the engine, serve, end with a signal or the engine."""
    ends = watch()
    server, port = start(provider)
    announce(port)
    wait_for_end(ends)
    provider.cancelled.set()
    end(server)


def end(server: grpc.Server) -> NoReturn:
    """End the process: what still runs gets a second, and threads that wait do not keep it."""
    server.stop(grace=1).wait()
    os._exit(0)


def parent() -> int:
    """A handle on the process that started this one: the engine. Taken first, while it waits."""
    return os.pidfd_open(os.getppid())


def watch() -> list[int]:
    """What tells that the plugin should end, for `wait_for_end`: before the engine can want it.

    SIGINT, SIGTERM or the death of the engine: one that is killed cannot stop its plugins, and a
    plugin that went on would race the next engine's.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return [parent(), reader]


def announce(port: int) -> None:
    """Tell the engine where to call: the first line a plugin writes."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def wait_for_end(ends: list[int]) -> None:
    """Return once one of `watch` tells so."""
    select.select(ends, [], [])
