"""The Pulumi engine's side of a plugin, for tests: the plugin served in this process over gRPC."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from localcloud.plugins.kubernetes.provider import KubernetesProvider
from localcloud.plugins.provider import start
from localcloud.plugins.values import from_struct, to_struct

Values = dict[str, Any]


class Refused(Exception):
    """An RPC failed; `failure` holds the ErrorResourceInitFailed if the resource was made."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.failure: provider_pb2.ErrorResourceInitFailed | None = None
        metadata: Any = error.trailing_metadata() or ()
        for key, value in metadata:
            if key == "grpc-status-details-bin":
                for detail in status_pb2.Status.FromString(value).details:
                    self.failure = provider_pb2.ErrorResourceInitFailed()
                    detail.Unpack(self.failure)


class Resource:
    """A resource as the state knows it."""

    def __init__(self, urn: str, id: str, inputs: Values, outputs: Values) -> None:
        self.urn, self.id, self.inputs, self.outputs = urn, id, inputs, outputs


class Engine(engine_pb2_grpc.EngineServicer):
    """Starts a plugin, configures it and calls it; keeps what it logs."""

    def __init__(self, **config: Any) -> None:
        self.provider = KubernetesProvider()
        self.messages: list[tuple[str, bool]] = []
        self._said = threading.Condition()
        self._log = grpc.server(ThreadPoolExecutor(2))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._log)
        address = f"127.0.0.1:{self._log.add_insecure_port('127.0.0.1:0')}"
        self._log.start()
        self._server, port = start(self.provider, 8)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.call("Handshake", provider_pb2.ProviderHandshakeRequest(engine_address=address))
        self.call("Configure", provider_pb2.ConfigureRequest(args=to_struct(config)))

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.provider.cancelled.set()
        self._channel.close()
        self._server.stop(None).wait()
        self._log.stop(None).wait()

    def Log(self, request: Any, context: grpc.ServicerContext) -> Any:
        with self._said:
            self.messages.append((request.message, request.ephemeral))
            self._said.notify_all()
        return Empty()

    @property
    def statuses(self) -> list[str]:
        """The status messages so far."""
        return [message for message, ephemeral in self.messages if ephemeral]

    @property
    def warnings(self) -> list[str]:
        """The messages that stay."""
        return [message for message, ephemeral in self.messages if not ephemeral]

    def call(self, method: str, request: Any, timeout: float = 60) -> Any:
        """One RPC; raises Refused."""
        try:
            return getattr(self.stub, method)(request, timeout=timeout)
        except grpc.RpcError as error:
            raise Refused(error) from None

    def check(
        self, type_: str, name: str, inputs: Values, olds: Values | None = None
    ) -> tuple[Values, dict[str, str]]:
        """The checked inputs and the failures by property."""
        request = provider_pb2.CheckRequest(
            urn=urn(type_, name),
            news=to_struct(inputs),
            olds=to_struct(olds or {}),
            randomSeed=b"seed",
        )
        answer = self.call("Check", request)
        return from_struct(answer.inputs), {f.property: f.reason for f in answer.failures}

    def create(
        self,
        type_: str,
        name: str,
        inputs: Values,
        *,
        timeout: float = 0,
        preview: bool = False,
    ) -> Resource:
        """Check and create."""
        checked, failures = self.check(type_, name, inputs)
        assert not failures
        request = provider_pb2.CreateRequest(
            urn=urn(type_, name), properties=to_struct(checked), timeout=timeout, preview=preview
        )
        answer = self.call("Create", request)
        return Resource(request.urn, answer.id, checked, from_struct(answer.properties))

    def diff(self, old: Resource, inputs: Values) -> Any:
        """Check new inputs and compare."""
        checked, failures = self.check(*_type_and_name(old.urn), inputs, old.inputs)
        assert not failures
        request = provider_pb2.DiffRequest(
            urn=old.urn,
            id=old.id,
            olds=to_struct(old.outputs),
            old_inputs=to_struct(old.inputs),
            news=to_struct(checked),
        )
        return self.call("Diff", request)

    def update(
        self,
        old: Resource,
        inputs: Values,
        *,
        preview: bool = False,
        ignore: tuple[str, ...] = (),
        timeout: float = 0,
    ) -> Resource:
        """Check new inputs and update."""
        checked, failures = self.check(*_type_and_name(old.urn), inputs, old.inputs)
        assert not failures
        request = provider_pb2.UpdateRequest(
            urn=old.urn,
            id=old.id,
            olds=to_struct(old.outputs),
            old_inputs=to_struct(old.inputs),
            news=to_struct(checked),
            preview=preview,
            ignoreChanges=ignore,
            timeout=timeout,
        )
        answer = self.call("Update", request)
        return Resource(old.urn, old.id, checked, from_struct(answer.properties))

    def read(self, old: Resource) -> Resource:
        """Refresh; an empty id says that it is gone."""
        request = provider_pb2.ReadRequest(
            urn=old.urn,
            id=old.id,
            inputs=to_struct(old.inputs),
            properties=to_struct(old.outputs),
        )
        answer = self.call("Read", request)
        return Resource(
            old.urn, answer.id, from_struct(answer.inputs), from_struct(answer.properties)
        )

    def import_(self, type_: str, name: str, id: str) -> Resource:
        """Read what Pulumi did not make."""
        answer = self.call("Read", provider_pb2.ReadRequest(urn=urn(type_, name), id=id))
        return Resource(
            urn(type_, name), answer.id, from_struct(answer.inputs), from_struct(answer.properties)
        )

    def read_anyway(self, old: Resource) -> Resource:
        """Refresh what may not be ready: the engine takes its state all the same."""
        try:
            return self.read(old)
        except Refused as error:
            if error.failure is None:
                raise
            inputs = from_struct(error.failure.inputs)
            return Resource(old.urn, old.id, inputs, from_struct(error.failure.properties))

    def import_gone(self, type_: str, id: str) -> bool:
        """Whether there is no such object."""
        return self.import_(type_, "any", id).id == ""

    def saw(self, text: str, timeout: float = 10) -> bool:
        """Wait until a status message holds `text`."""
        with self._said:
            return self._said.wait_for(
                lambda: any(text in message for message, _ in self.messages), timeout
            )

    def delete(self, old: Resource, timeout: float = 0) -> None:
        """Delete."""
        request = provider_pb2.DeleteRequest(
            urn=old.urn, id=old.id, properties=to_struct(old.outputs), timeout=timeout
        )
        self.call("Delete", request)


def urn(type_: str, name: str) -> str:
    """The URN of a resource without a parent."""
    return f"urn:pulumi:test::project::{type_}::{name}"


def _type_and_name(of: str) -> tuple[str, str]:
    _, _, type_, name = of.split("::", 3)
    return type_, name
