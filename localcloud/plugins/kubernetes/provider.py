"""The RPCs of pulumi-resource-kubernetes: provider options, and each resource to who handles it."""

from typing import Any, Protocol

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.kubernetes import options
from localcloud.plugins.kubernetes.cancellation import Cancellation
from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.kinds import HELM_RELEASE, from_token
from localcloud.plugins.kubernetes.reports import Report
from localcloud.plugins.kubernetes.resource import ObjectResource
from localcloud.plugins.provider import Provider, ProviderError, check_failures
from localcloud.plugins.values import from_struct
from localcloud.plugins.versions import sdk_version


class Handler(Protocol):
    """What handles the resources of one type."""

    def check(self, request: Any) -> Any: ...
    def diff(self, request: Any) -> Any: ...
    def create(self, request: Any) -> Any: ...
    def read(self, request: Any) -> Any: ...
    def update(self, request: Any) -> Any: ...
    def delete(self, request: Any) -> None: ...


class KubernetesProvider(Provider):
    """The kubernetes package of one engine run, for one cluster."""

    def __init__(self) -> None:
        super().__init__("kubernetes", sdk_version("kubernetes"))
        self.cancelled: Cancellation = Cancellation()
        self.cluster: Cluster | None = None

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        answer = super().Handshake(request, context)
        answer.supports_autonaming_configuration = True
        return answer

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        failures = options.check(from_struct(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=check_failures(failures))

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        old = request.old_inputs if request.HasField("old_inputs") else request.olds
        changed, replaces = options.diff(from_struct(old), from_struct(request.news))
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if changed else none, diffs=changed, replaces=replaces
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs = from_struct(request.args)
        failures = options.check(inputs)
        for key, reason in failures.items():
            raise ProviderError(f"provider option {key}: {reason}")
        self.cluster = Cluster(options.parse(inputs), self.cancelled)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        raise ProviderError(f"function {request.tok} is not implemented by this plugin")

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._handler(request).check(request)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._handler(request).diff(request)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._handler(request).create(request)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._handler(request).read(request)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._handler(request).update(request)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._handler(request).delete(request)
        return Empty()

    def _handler(self, request: Any) -> Handler:
        if self.cluster is None:
            raise ProviderError("the provider is not configured")
        token = request.urn.split("::")[2].rpartition("$")[2]
        report = Report(self, request.urn)
        if token == HELM_RELEASE:
            # Programs without releases need not load what releases need.
            from localcloud.plugins.kubernetes.helm.resource import ReleaseResource

            return ReleaseResource(self.cluster, report)
        return ObjectResource(self.cluster, from_token(token), report)
