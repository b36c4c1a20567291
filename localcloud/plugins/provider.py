"""What plugins share: serving gRPC to the engine, and ending with it.

A resource plugin derives from `Provider`, implements the RPCs that it supports and calls `serve`.
Any RPC may raise `PluginError`, with one line for the user, or `InitFailed`.
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
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import (
    ResourceProviderServicer,
    add_ResourceProviderServicer_to_server,
)

from localcloud.plugins.failures import ErrorInterceptor
from localcloud.plugins.failures import InitFailed as InitFailed
from localcloud.plugins.failures import PluginError as PluginError

THREADS = 32
_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # A request may wait in the queue while all threads wait for AWS.
    ("grpc.server_max_unrequested_time_in_server", 1800),
    ("grpc.so_reuseport", 0),
]


class Provider(ResourceProviderServicer):
    """The RPCs that are the same in every resource plugin.

    Args:
        name: the package, such as `aws`.
        version: for GetPluginInfo; the engine compares it with the version that the program needs.
    """

    def __init__(self, name: str, version: str) -> None:
        self.name = name
        self.version = version
        self.cancelled = threading.Event()
        """Set when the engine cancels: every wait has to end then."""

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
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
    server = grpc.server(
        ThreadPoolExecutor(threads), interceptors=[ErrorInterceptor()], options=_OPTIONS
    )
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def start(provider: ResourceProviderServicer, threads: int = THREADS) -> tuple[grpc.Server, int]:
    """Serve a resource provider; see `listen`."""
    return listen(lambda server: add_ResourceProviderServicer_to_server(provider, server), threads)


def serve(provider: Provider) -> None:
    """Run a resource plugin until a signal comes or the engine ends."""
    descriptors = watch()
    server, port = start(provider)
    announce(port)
    wait_for_end(descriptors)
    provider.cancelled.set()
    end(server)


def end(server: grpc.Server) -> NoReturn:
    """End the process after at most a second, even if its threads wait for something."""
    server.stop(grace=1).wait()
    os._exit(0)


def parent() -> int:
    """A pidfd of the engine, which started this process.

    Call it before `announce`: until then the engine waits for the port, so it is still the parent.
    """
    return os.pidfd_open(os.getppid())


def watch() -> list[int]:
    """The descriptors for `wait_for_end`: readable after SIGINT, SIGTERM or the end of the engine.

    An engine that is killed cannot stop its plugins, which would race those of the next engine.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return [parent(), reader]


def announce(port: int) -> None:
    """Write the port, which the engine reads as the first line of a plugin's output."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def wait_for_end(descriptors: list[int]) -> None:
    """Return when one of the descriptors of `watch` is readable."""
    select.select(descriptors, [], [])
