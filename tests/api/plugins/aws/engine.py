"""The Pulumi engine's side of pulumi-resource-aws, for tests: served in this process over gRPC."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from localcloud.plugins.aws.servicer import AwsProvider
from localcloud.plugins.provider import start
from localcloud.plugins.values import from_struct, to_struct
from tests.unit.localcloud.plugins.aws.models import StrictClients

Values = dict[str, Any]


class Refused(Exception):
    """Check found failures: `reasons` by property path."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__(str(reasons))
        self.reasons = reasons


@dataclass
class Resource:
    """A resource in the state."""

    token: str
    name: str
    id: str
    inputs: Values
    outputs: Values


@dataclass(frozen=True)
class Diff:
    """The response of a Diff."""

    paths: dict[str, str]
    replaces: list[str]
    delete_first: bool


class Engine:
    """Starts the plugin, configures it and calls it."""

    CLIENTS = StrictClients()  # of all engines: making them is what takes long

    def __init__(self, **config: Any) -> None:
        self.provider = AwsProvider(self.CLIENTS)
        self._server, port = start(self.provider, 8)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.stub.Configure(provider_pb2.ConfigureRequest(args=to_struct(config)))

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._channel.close()
        self._server.stop(None).wait()

    @staticmethod
    def urn(token: str, name: str) -> str:
        return f"urn:pulumi:test::unit::my:index:Component${token}::{name}"

    def check(self, token: str, name: str, news: Values, olds: Values | None = None) -> Values:
        """The checked inputs. Raises Refused."""
        response = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=self.urn(token, name),
                olds=to_struct(olds or {}),
                news=to_struct(news),
                randomSeed=secrets.token_bytes(32),
            )
        )
        if response.failures:
            raise Refused({each.property: each.reason for each in response.failures})
        return from_struct(response.inputs)

    def create(
        self,
        token: str,
        name: str,
        news: Values,
        *,
        preview: bool = False,
        checked: bool = False,
        timeout: float = 0,
    ) -> Resource:
        inputs = news if checked else self.check(token, name, news)
        response = self.stub.Create(
            provider_pb2.CreateRequest(
                urn=self.urn(token, name),
                properties=to_struct(inputs),
                preview=preview,
                timeout=timeout,
            )
        )
        return Resource(token, name, response.id, inputs, from_struct(response.properties))

    def diff(self, resource: Resource, news: Values) -> Diff:
        """The differences from a resource to new inputs."""
        checked = self.check(resource.token, resource.name, news, resource.inputs)
        response = self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=self.urn(resource.token, resource.name),
                id=resource.id,
                olds=to_struct(resource.outputs),
                old_inputs=to_struct(resource.inputs),
                news=to_struct(checked),
            )
        )
        kinds = provider_pb2.PropertyDiff.Kind
        paths = {path: kinds.Name(each.kind) for path, each in response.detailedDiff.items()}
        assert (response.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(paths)
        return Diff(paths, list(response.replaces), response.deleteBeforeReplace)

    def update(self, resource: Resource, news: Values, *, preview: bool = False) -> Resource:
        checked = self.check(resource.token, resource.name, news, resource.inputs)
        response = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=self.urn(resource.token, resource.name),
                id=resource.id,
                olds=to_struct(resource.outputs),
                old_inputs=to_struct(resource.inputs),
                news=to_struct(checked),
                preview=preview,
            )
        )
        outputs = from_struct(response.properties)
        return Resource(resource.token, resource.name, resource.id, checked, outputs)

    def refresh(self, resource: Resource) -> Resource:
        """The resource as AWS has it; its id is empty if it does not exist."""
        return self._read(resource, resource.inputs, resource.outputs)

    def imported(self, token: str, name: str, id: str) -> Resource:
        """As `pulumi import` reads a resource, by its id only."""
        return self._read(Resource(token, name, id, {}, {}), {}, {})

    def _read(
        self, resource: Resource, inputs: Mapping[str, Any], outputs: Mapping[str, Any]
    ) -> Resource:
        response = self.stub.Read(
            provider_pb2.ReadRequest(
                urn=self.urn(resource.token, resource.name),
                id=resource.id,
                inputs=to_struct(inputs),
                properties=to_struct(outputs),
            )
        )
        return Resource(
            resource.token,
            resource.name,
            response.id,
            from_struct(response.inputs),
            from_struct(response.properties),
        )

    def delete(self, resource: Resource) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                urn=self.urn(resource.token, resource.name),
                id=resource.id,
                properties=to_struct(resource.outputs),
                old_inputs=to_struct(resource.inputs),
            )
        )

    def invoke(self, token: str, args: Values) -> Values:
        response = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=to_struct(args)))
        if response.failures:
            raise Refused({each.property: each.reason for each in response.failures})
        return from_struct(getattr(response, "return"))
