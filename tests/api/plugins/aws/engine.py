"""The Pulumi engine's side of pulumi-resource-aws, for tests: its messages, without a network."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message_factory import GetMessageClass
from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.aws.servicer import AwsProvider
from localcloud.plugins.values import from_struct, to_struct
from tests.unit.localcloud.plugins.aws.models import StrictClients

Values = dict[str, Any]
RPCS = provider_pb2.DESCRIPTOR.services_by_name["ResourceProvider"].methods_by_name


class Refused(Exception):
    """The plugin found failures: `reasons` by property path."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__(str(reasons))
        self.reasons = reasons


@dataclass
class Resource:
    """A resource in the state."""

    token: str
    name: str
    id: str = ""
    inputs: Values = field(default_factory=dict)
    outputs: Values = field(default_factory=dict)

    @property
    def urn(self) -> str:
        return f"urn:pulumi:test::unit::my:index:Component${self.token}::{self.name}"


@dataclass(frozen=True)
class Diff:
    """The response of a Diff."""

    paths: dict[str, str]
    replaces: list[str]
    delete_first: bool


class Engine:
    """Configures a plugin and calls it."""

    CLIENTS = StrictClients()  # of all engines: making them is what takes long

    def __init__(self, **config: Any) -> None:
        self.provider = AwsProvider(self.CLIENTS)
        self.call("Configure", args=config)

    def call(self, rpc: str, **fields: Any) -> Any:
        """The response to a request with these fields, where dicts are values. Raises Refused."""
        given = {k: to_struct(v) if isinstance(v, Mapping) else v for k, v in fields.items()}
        request = GetMessageClass(RPCS[rpc].input_type)(**given)
        response = getattr(self.provider, rpc)(request, None)
        assert response.DESCRIPTOR is RPCS[rpc].output_type
        if getattr(response, "failures", ()):
            raise Refused({each.property: each.reason for each in response.failures})
        return response

    def check(self, token: str, name: str, news: Values, olds: Values | None = None) -> Values:
        """The checked inputs."""
        urn, seed = Resource(token, name).urn, secrets.token_bytes(32)
        response = self.call("Check", urn=urn, olds=olds or {}, news=news, randomSeed=seed)
        return from_struct(response.inputs)

    def create(self, token: str, name: str, news: Values, *, preview: bool = False) -> Resource:
        made = Resource(token, name, inputs=self.check(token, name, news))
        response = self.call("Create", urn=made.urn, properties=made.inputs, preview=preview)
        made.id, made.outputs = response.id, from_struct(response.properties)
        return made

    def _change(self, rpc: str, old: Resource, news: Values, **more: Any) -> tuple[Values, Any]:
        """The checked inputs, and the response of a Diff or an Update to them."""
        news = self.check(old.token, old.name, news, old.inputs)
        state = {"urn": old.urn, "id": old.id, "olds": old.outputs, "old_inputs": old.inputs}
        return news, self.call(rpc, **state, news=news, **more)

    def diff(self, resource: Resource, news: Values) -> Diff:
        """The differences from a resource to new inputs."""
        _, response = self._change("Diff", resource, news)
        kinds = provider_pb2.PropertyDiff.Kind
        paths = {path: kinds.Name(each.kind) for path, each in response.detailedDiff.items()}
        assert (response.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(paths)
        return Diff(paths, list(response.replaces), response.deleteBeforeReplace)

    def update(self, resource: Resource, news: Values, *, preview: bool = False) -> Resource:
        inputs, response = self._change("Update", resource, news, preview=preview)
        outputs = from_struct(response.properties)
        return Resource(resource.token, resource.name, resource.id, inputs, outputs)

    def read(self, old: Resource) -> Resource:
        """The resource as AWS has it, its id empty if it does not exist.

        A refresh gives the last state, and an import the id only.
        """
        state = {"id": old.id, "inputs": old.inputs, "properties": old.outputs}
        response = self.call("Read", urn=old.urn, **state)
        found = (response.id, from_struct(response.inputs), from_struct(response.properties))
        return Resource(old.token, old.name, *found)

    def delete(self, old: Resource) -> None:
        state = {"id": old.id, "properties": old.outputs, "old_inputs": old.inputs}
        self.call("Delete", urn=old.urn, **state)

    def invoke(self, token: str, args: Values) -> Values:
        return from_struct(getattr(self.call("Invoke", tok=token, args=args), "return"))
