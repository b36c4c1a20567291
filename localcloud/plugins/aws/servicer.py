"""The gRPC service of pulumi-resource-aws, over the table."""

from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.aws import (
    configuration,
    diff_response,
    functions,
    lifecycle,
    previews,
    reading,
    types,
)
from localcloud.plugins.aws.check import check, chosen_name
from localcloud.plugins.aws.input_changes import Difference, differences, kept, top
from localcloud.plugins.aws.kinds import StringMap
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import Resource
from localcloud.plugins.aws.schema import schema
from localcloud.plugins.aws.session import Clients, Session
from localcloud.plugins.aws.tags import all_tags
from localcloud.plugins.property_diff import Change
from localcloud.plugins.provider import Provider, check_failures
from localcloud.plugins.values import from_struct, keep_secrets, plain, to_struct
from localcloud.plugins.versions import sdk_version

VERSION = sdk_version("aws")


class AwsProvider(Provider):
    """Serves every type and function of the table."""

    def __init__(self, clients: Clients | None = None) -> None:
        super().__init__("aws", VERSION)
        self.session = Session(self.cancelled, clients)
        self.configuration = configuration.Configuration()

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        return provider_pb2.GetSchemaResponse(schema=schema(VERSION))

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        failures = configuration.failures(from_struct(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=check_failures(failures))

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        found = configuration.differences(old, new)
        # The provider's resources do not exist in another region.
        replaces = [name for name in found if name == "region"]
        return provider_pb2.DiffResponse(
            changes=diff_response.changes(bool(found)), replaces=replaces, diffs=found
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.configuration = configuration.read(from_struct(request.args))
        self.session.use(self.configuration.identity)
        return super().Configure(request, context)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        args = plain(from_struct(request.args))
        function = functions.find(request.tok)
        failures = functions.failures(function, args)
        response = provider_pb2.InvokeResponse(failures=check_failures(failures))
        if not failures:
            region = args.get("region") or self.configuration.region
            result = functions.run(function, self.session, region, args)
            getattr(response, "return").CopyFrom(to_struct(result))
        return response

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs, failures = check(
            types.find(_token(request.urn)),
            _name(request.urn),
            from_struct(request.olds),
            from_struct(request.news),
            request.randomSeed,
        )
        return provider_pb2.CheckResponse(
            inputs=to_struct(inputs), failures=check_failures(failures)
        )

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        resource_type, name = types.find(_token(request.urn)), _name(request.urn)
        old, new = plain(from_struct(request.old_inputs)), plain(from_struct(request.news))
        state = plain(from_struct(request.olds))
        found = differences(resource_type.inputs, old, new)
        # The provider's region may have changed, without a change of the resource's inputs.
        wanted = new.get("region", self.configuration.region)
        if resource_type.regional and wanted != state.get("region", self.configuration.region):
            found["region"] = Difference(Change.UPDATE, True)
        if resource_type.tagging and "tags" not in map(top, found):
            tags = {"tagsAll": all_tags(self.configuration.default_tags, new.get("tags"))}
            found |= differences({"tagsAll": Prop(StringMap())}, state, tags)
        delete_first = kept(resource_type.inputs, resource_type.delete_first, old, new)
        delete_first |= kept(resource_type.inputs, chosen_name(resource_type, name, new), old, new)
        return diff_response.diff(found, delete_first)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs = from_struct(request.properties)
        resource = self._resource(request, plain(inputs), "create")
        outputs = previews.created(resource) if request.preview else lifecycle.create(resource)
        return provider_pb2.CreateResponse(id=resource.id, properties=_state(outputs, inputs))

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        state, inputs = from_struct(request.properties), from_struct(request.inputs)
        resource = self._resource(request, plain(state), "read", id=request.id)
        if not state:
            resource.props = reading.imported(resource.type, request.id)
        answer = reading.describe(resource)
        if answer is None:
            return provider_pb2.ReadResponse()
        outputs = reading.outputs(resource, answer)
        if not state:
            resource.id = reading.own_id(resource, outputs, answer)
        read = reading.read_inputs(resource.type, outputs, plain(inputs), imported=not state)
        return provider_pb2.ReadResponse(
            id=resource.id,
            properties=_state(outputs, inputs),
            inputs=to_struct(keep_secrets(read, inputs)),
        )

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs, state = from_struct(request.news), plain(from_struct(request.olds))
        resource = self._resource(request, plain(inputs), "update", id=request.id)
        resource.old = state
        outputs = previews.updated(resource) if request.preview else lifecycle.update(resource)
        return provider_pb2.UpdateResponse(properties=_state(outputs, inputs))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        state = plain(from_struct(request.properties))
        lifecycle.delete(self._resource(request, state, "delete", id=request.id))
        return Empty()

    def _resource(
        self, request: Any, props: dict[str, Any], action: str, *, id: str = ""
    ) -> Resource:
        resource_type = types.find(_token(request.urn))
        timeout = getattr(resource_type.timeouts, action, 0)  # reads do not wait
        return Resource(
            type=resource_type,
            session=self.session,
            region=props.get("region") or self.configuration.region,
            id=id,
            props=props,
            default_tags=self.configuration.default_tags,
            seconds=getattr(request, "timeout", 0) or timeout,
        )


def _token(urn: str) -> str:
    """The last of the types in a URN, which are those of the parents and its own."""
    return urn.split("::")[2].split("$")[-1]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _state(outputs: dict[str, Any], inputs: dict[str, Any]) -> Any:
    return to_struct(keep_secrets(outputs, inputs))
