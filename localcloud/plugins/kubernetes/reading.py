"""Looking at an object without changing it: refresh, import and replaceUnready."""

from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.kubernetes import waiting
from localcloud.plugins.kubernetes.errors import ApiError, NoMatchError, Unreachable
from localcloud.plugins.kubernetes.lifecycle import Operation
from localcloud.plugins.kubernetes.manifest import imported_inputs, live_inputs, outputs
from localcloud.plugins.kubernetes.objects import Obj, name, namespace, pluck
from localcloud.plugins.provider import InitFailed, ProviderError
from localcloud.plugins.values import plain, to_struct

IF_GONE = "(if the cluster is gone for good: PULUMI_K8S_DELETE_UNREACHABLE=true)"


def read(work: Operation, id: str, inputs: Obj, state: Obj) -> Any:
    """The ReadResponse for a live object, in the shape of the old inputs; for an import, whole.

    An empty id says that it is gone. Raises InitFailed when it is there but not ready.
    """
    inside, _, called = id.rpartition("/")
    try:
        resource = work.cluster.find(work.kind)
        if resource.namespaced and not inside:
            inside = str(pluck(plain(state), "metadata", "namespace") or work.cluster.namespace)
        live = work.get(resource, inside, called)
    except NoMatchError:
        return provider_pb2.ReadResponse()
    except Unreachable as error:
        return _unread(work, id, inputs, state, error)
    except ApiError as error:
        if error.code == 404:
            return provider_pb2.ReadResponse()
        raise
    seen = live_inputs(live, inputs) if inputs else imported_inputs(live)
    properties = outputs(live, inputs or seen, work.manager)
    # What is imported need not be ready, as with the official provider.
    verdict = waiting.probe(work.cluster, resource, live) if inputs else None
    if verdict is not None and not verdict.ready and not verdict.quiet:
        reasons = [f"{work.kind.name} {called!r} is not ready: {verdict.message}"]
        raise InitFailed(id, properties, [*reasons, *verdict.problems], seen)
    return provider_pb2.ReadResponse(
        id=id, inputs=to_struct(seen), properties=to_struct(properties)
    )


def is_ready(work: Operation, state: Mapping[str, Any]) -> bool:
    """Whether the object of a state is ready now; so it counts when that cannot be told."""
    old = plain(state)
    try:
        resource = work.cluster.find(work.kind)
        live = work.get(resource, namespace(old), name(old))
        return waiting.probe(work.cluster, resource, live).ready
    except (ApiError, NoMatchError, Unreachable):
        return True


def _unread(work: Operation, id: str, inputs: Obj, state: Obj, error: Unreachable) -> Any:
    options = work.cluster.options
    if options.delete_unreachable:
        work.warn(f"{error}; dropped from the state (deleteUnreachable)")
        return provider_pb2.ReadResponse()
    if options.skip_update_unreachable:
        work.warn(f"{error}; kept as it was (skipUpdateUnreachable)")
        return provider_pb2.ReadResponse(
            id=id, inputs=to_struct(inputs), properties=to_struct(state)
        )
    raise ProviderError(f"{error} {IF_GONE}")
