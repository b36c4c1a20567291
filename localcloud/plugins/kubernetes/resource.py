"""One resource that is a Kubernetes object: the engine's calls in terms of the API server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.kubernetes import waiting
from localcloud.plugins.kubernetes.check import Naming, check, fixed_name, with_namespace
from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.diff import Difference, compare
from localcloud.plugins.kubernetes.errors import NotReady, Unreachable
from localcloud.plugins.kubernetes.immutable import patterns
from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.lifecycle import Operation, manager_of
from localcloud.plugins.kubernetes.manifest import (
    FIELD_MANAGER,
    manifest,
    outputs,
    preview_outputs,
)
from localcloud.plugins.kubernetes.objects import Obj, annotation, name, pluck, qualified
from localcloud.plugins.kubernetes.reading import IF_GONE, is_ready, read
from localcloud.plugins.kubernetes.reports import Report
from localcloud.plugins.provider import InitFailed, ProviderError, check_failures
from localcloud.plugins.values import from_struct, has_unknown, plain, to_struct

REPLACE_UNREADY = "pulumi.com/replaceUnready"
HELM_HOOK = "helm.sh/hook"
_DISABLE = provider_pb2.CheckRequest.AutonamingOptions.DISABLE


@dataclass(frozen=True)
class ObjectResource:
    """The calls for one object of a kind."""

    cluster: Cluster
    kind: Kind
    report: Report

    def check(self, request: Any) -> Any:
        """Name, namespace and kind filled in; failures by property."""
        options = self.cluster.options
        if options.skip_update_unreachable and self.cluster.trouble():
            self.report.warn("the cluster cannot be reached: skipped (skipUpdateUnreachable)")
            return provider_pb2.CheckResponse(inputs=request.olds)
        naming = Naming(
            seed=request.randomSeed,
            proposed=request.autonaming.proposed_name,
            forbidden=request.HasField("autonaming") and request.autonaming.mode == _DISABLE,
        )
        resource_name = request.urn.split("::", 3)[3]
        olds, news = from_struct(request.olds), from_struct(request.news)
        inputs, failures = check(self.kind, resource_name, olds, news, naming)
        if not failures:
            inputs = with_namespace(inputs, self._namespace())
            self._hook_warning(inputs)
        return provider_pb2.CheckResponse(
            inputs=to_struct(inputs), failures=check_failures(failures)
        )

    def diff(self, request: Any) -> Any:
        """Old inputs against new ones; asks the cluster only for replaceUnready."""
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        if not self.cluster.namespaced(self.kind):
            # A Check before the definition was there took it to be namespaced.
            old, new = with_namespace(old, None), with_namespace(new, None)
        difference = compare(old, new, patterns(self.kind, new, self.cluster.options))
        if annotation(plain(new), REPLACE_UNREADY) == "true":
            difference = self._unready(request, difference)
        here = ("metadata", "name"), ("metadata", "namespace")
        same = all(pluck(plain(old), *key) == pluck(plain(new), *key) for key in here)
        return difference.response(delete_first=fixed_name(new) and same)

    def create(self, request: Any) -> Any:
        """Make the object and wait until it is ready; or foretell it."""
        inputs = from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=self._foretold(request, inputs))
        body = manifest(inputs, self.kind)
        work = self._operation(request, body)
        resource, made = work.create(body)
        what = f"{self.kind.name} {name(made)!r} was made but is not ready"
        live = self._ready(work, resource, made, inputs, what)
        return provider_pb2.CreateResponse(
            id=qualified(live), properties=to_struct(outputs(live, inputs, work.manager))
        )

    def update(self, request: Any) -> Any:
        """Change the object and wait until it is ready; or foretell that."""
        inputs, old = from_struct(request.news), plain(from_struct(request.olds))
        if request.preview and has_unknown(inputs):
            return provider_pb2.UpdateResponse(properties=request.news)
        body = manifest(inputs, self.kind)
        work = self._operation(request, body, old)
        made = work.update(old, body, list(request.ignoreChanges), dry=request.preview)
        if made is None:
            return provider_pb2.UpdateResponse(properties=request.news)
        if not request.preview:
            what = f"{self.kind.name} {name(made)!r} was changed but is not ready"
            made = self._ready(work, self.cluster.find(self.kind), made, inputs, what)
        properties = outputs(made, inputs, work.manager)
        return provider_pb2.UpdateResponse(properties=to_struct(properties))

    def read(self, request: Any) -> Any:
        """The live object, for refresh and import."""
        inputs, state = from_struct(request.inputs), from_struct(request.properties)
        work = self._operation(request, plain(inputs), plain(state))
        return read(work, request.id, inputs, state)

    def delete(self, request: Any) -> None:
        """Delete the object and wait until it is gone."""
        old = plain(from_struct(request.properties))
        work = self._operation(request, old, old)
        try:
            work.delete(old)
        except Unreachable as error:
            if not self.cluster.options.delete_unreachable:
                raise ProviderError(f"{error} {IF_GONE}") from None
            self.report.warn("the cluster cannot be reached: dropped from the state")
        except NotReady as error:
            raise ProviderError("; ".join([str(error), *error.reasons])) from None
        self.report.clear()

    def _operation(
        self, request: Any, body: Obj, state: Mapping[str, Any] | None = None
    ) -> Operation:
        stored = (state or {}).get(FIELD_MANAGER, "")
        return Operation(
            cluster=self.cluster,
            kind=self.kind,
            manager=manager_of(request.urn, body, stored),
            progress=self.report,
            warn=self.report.warn,
            timeout=getattr(request, "timeout", 0.0),  # a DiffRequest has none
        )

    def _ready(self, work: Operation, resource: Any, made: Obj, inputs: Obj, what: str) -> Obj:
        try:
            live = waiting.wait_ready(self.cluster, resource, made, work.timeout, self.report)
        except NotReady as error:
            properties = outputs(error.live, inputs, work.manager)
            reasons = [f"{what}: {error}", *error.reasons]
            raise InitFailed(qualified(error.live), properties, reasons) from None
        except ProviderError as error:
            # It is made: whatever stopped the wait, the state must know it.
            properties = outputs(made, inputs, work.manager)
            raise InitFailed(qualified(made), properties, [f"{what}: {error}"]) from None
        self.report.clear()
        return live

    def _foretold(self, request: Any, inputs: Obj) -> Any:
        if has_unknown(inputs) or not self.cluster.options.known:
            return request.properties
        body = manifest(inputs, self.kind)
        work = self._operation(request, body)
        dry = work.foretell(body)
        if dry is None:
            return request.properties
        return to_struct(preview_outputs(dry, inputs, work.manager))

    def _namespace(self) -> str | None:
        return self.cluster.namespace if self.cluster.namespaced(self.kind) else None

    def _unready(self, request: Any, difference: Difference) -> Difference:
        if (self.kind.group, self.kind.name) != ("batch", "Job"):
            self.report.warn(f"{REPLACE_UNREADY} is only for Jobs")
            return difference
        state = from_struct(request.olds)
        if is_ready(self._operation(request, plain(state)), state):
            return difference
        path = f'metadata.annotations["{REPLACE_UNREADY}"]'
        return Difference(difference.changes, (*difference.replaces, path))

    def _hook_warning(self, inputs: Obj) -> None:
        if annotation(plain(inputs), HELM_HOOK) and not self.cluster.options.suppress_hooks:
            self.report.warn("Helm hooks are not run for single objects: made like any other")
