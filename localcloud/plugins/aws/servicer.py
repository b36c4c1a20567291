"""The gRPC face of the table: what the engine asks of pulumi-resource-aws."""

import hashlib
import threading
from collections import defaultdict
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.aws import (
    answers,
    configuration,
    functions,
    lifecycle,
    previews,
    reading,
    types,
)
from localcloud.plugins.aws.check import check
from localcloud.plugins.aws.difference import Difference, differences
from localcloud.plugins.aws.record import Record
from localcloud.plugins.aws.session import Clients, Session
from localcloud.plugins.aws.table import ResourceType
from localcloud.plugins.diffs import Change
from localcloud.plugins.provider import Provider, check_failures
from localcloud.plugins.values import UNKNOWN, from_struct, keep_secrets, plain, to_struct
from localcloud.plugins.versions import sdk_version

VERSION = sdk_version("aws")


class AwsProvider(Provider):
    """Serves every type and function of the table."""

    def __init__(self, clients: Clients | None = None) -> None:
        super().__init__("aws", VERSION)
        self.session = Session(self.cancelled, clients)
        self.configuration = configuration.Configuration()
        # The ids that the state has for a URN, as far as the engine has told in this run.
        self._known: defaultdict[str, set[str]] = defaultdict(set)
        self._lock = threading.Lock()

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        failures = configuration.failures(from_struct(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=check_failures(failures))

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        old = configuration.read(from_struct(request.old_inputs))
        new = from_struct(request.news)
        region = plain(new.get("region"))
        moved = region is not UNKNOWN and configuration.read(new).region != old.region
        # Another region is another cloud: what this provider made is not there.
        return provider_pb2.DiffResponse(
            changes=answers.changes(moved),
            replaces=["region"] if moved else [],
            diffs=["region"] if moved else [],
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.configuration = configuration.read(from_struct(request.args))
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
            self.configuration.default_tags,
            request.randomSeed,
        )
        return provider_pb2.CheckResponse(
            inputs=to_struct(inputs), failures=check_failures(failures)
        )

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._note(request.urn, request.id)
        kind = types.find(_token(request.urn))
        old, new = plain(from_struct(request.old_inputs)), plain(from_struct(request.news))
        found = differences(kind.inputs, old, new)
        # A provider that moved: the region of the resource is not the one it would be made in.
        state_region = plain(from_struct(request.olds)).get("region", self.configuration.region)
        wanted = new.get("region", self.configuration.region)
        if kind.regional and wanted != state_region:
            found["region"] = Difference(Change.UPDATE, True)
        return answers.diff(kind, _name(request.urn), found, new)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs = from_struct(request.properties)
        record = self._record(request, plain(inputs), default=_timeouts(request).create)
        if request.preview:
            outputs = previews.created(record)
        else:
            record.key = self._creation(request.urn)
            outputs = lifecycle.create(record)
            self._note(request.urn, record.id)
        return provider_pb2.CreateResponse(
            id=record.id, properties=_state(record.type, outputs, inputs)
        )

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._note(request.urn, request.id)
        state, inputs = from_struct(request.properties), from_struct(request.inputs)
        record = self._record(request, plain(state), id=request.id)
        if not state:
            record.props = previews.imported(record.type, request.id)
        answer = reading.describe(record)
        if answer is None:
            return provider_pb2.ReadResponse()
        outputs = reading.outputs(record, answer)
        if not state:
            record.id = reading.own_id(record, outputs, answer)
        read = previews.read_inputs(record.type, outputs, plain(inputs), imported=not state)
        return provider_pb2.ReadResponse(
            id=record.id,
            properties=_state(record.type, outputs, inputs),
            inputs=to_struct(keep_secrets(read, inputs)),
        )

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._note(request.urn, request.id)
        inputs, state = from_struct(request.news), plain(from_struct(request.olds))
        record = self._record(
            request, plain(inputs), id=request.id, default=_timeouts(request).update
        )
        record.old = state
        outputs = previews.updated(record) if request.preview else lifecycle.update(record)
        return provider_pb2.UpdateResponse(properties=_state(record.type, outputs, inputs))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        state = plain(from_struct(request.properties))
        lifecycle.delete(
            self._record(request, state, id=request.id, default=_timeouts(request).delete)
        )
        with self._lock:
            self._known[request.urn].discard(request.id)
        return Empty()

    def _record(
        self, request: Any, props: dict[str, Any], id: str = "", default: float = 600
    ) -> Record:
        return Record(
            type=types.find(_token(request.urn)),
            session=self.session,
            name=_name(request.urn),
            region=props.get("region") or self.configuration.region,
            id=id,
            props=props,
            seconds=getattr(request, "timeout", 0) or default,
        )

    def _note(self, urn: str, id: str) -> None:
        with self._lock:
            self._known[urn].add(id)

    def _creation(self, urn: str) -> str:
        """Names one creation: the same again after a kill, another once its result is in the state.

        The engine tells the ids that the state has for a URN (by Diff) before it makes another.
        """
        with self._lock:
            known = sorted(self._known[urn])
        return hashlib.sha256("\n".join([urn, *known]).encode()).hexdigest()[:32]


def _token(urn: str) -> str:
    """The type in a URN: the last of the $-separated parents' types."""
    return urn.split("::")[2].split("$")[-1]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _timeouts(request: Any) -> Any:
    return types.find(_token(request.urn)).timeouts


def _state(kind: ResourceType, outputs: dict[str, Any], inputs: dict[str, Any]) -> Any:
    return to_struct(keep_secrets(outputs, inputs))
