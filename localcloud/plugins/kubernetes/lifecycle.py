"""Create, update, read and delete of one object, against the API server."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.plugins.kubernetes import waiting
from localcloud.plugins.kubernetes.check import with_namespace
from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.discovery import Resource
from localcloud.plugins.kubernetes.errors import ApiError, NoMatchError, Unreachable
from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.managers import claiming, ignoring, taken_over
from localcloud.plugins.kubernetes.objects import Obj, annotation, name, namespace, pluck
from localcloud.plugins.provider import ProviderError

PATCH_FORCE = "pulumi.com/patchForce"
MANAGER = "pulumi.com/patchFieldManager"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"
MISSING = 30.0  # seconds for a namespace or a definition that is made at the same time to come
_PROPAGATIONS = {"orphan": "Orphan", "background": "Background"}
# Kinds whose deletion is not waited for with skipAwait, as the official provider has it.
_SKIPPED = {
    ("", "Namespace"),
    ("", "Pod"),
    ("", "ReplicationController"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("batch", "Job"),
}


def manager_of(urn: str, obj: Obj, stored: str = "") -> str:
    """The field manager of a resource: its annotation's, the state's, or one from its URN.

    From the URN, so that a second run knows what a first one made before it was killed.
    """
    digest = hashlib.sha256(urn.encode()).hexdigest()[:8]
    return annotation(obj, MANAGER) or stored or f"pulumi-kubernetes-{digest}"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One object being made, changed or deleted for one resource."""

    cluster: Cluster
    kind: Kind
    manager: str
    progress: waiting.Progress
    warn: Callable[[str], None]
    timeout: float = 0.0

    def create(self, body: Obj) -> tuple[Resource, Obj]:
        """Apply an object that must not be there yet, unless this resource made it itself.

        A missing namespace or definition is waited for a while, a webhook that does not listen yet
        for as long as the creation may take. Returns the object as made, not yet ready.
        """
        limit = waiting.timeout(body, self.timeout, 600.0)

        def passing(error: ProviderError) -> float:
            if isinstance(error, NoMatchError):
                return min(MISSING, limit)
            if isinstance(error, ApiError) and error.webhook_starting:
                return limit
            missing = isinstance(error, ApiError) and error.namespace_missing
            return min(MISSING, limit) if missing else 0.0

        return self.cluster.retrying(lambda: self._create(body), passing)

    def _create(self, body: Obj) -> tuple[Resource, Obj]:
        resource = self.cluster.find(self.kind)
        if not resource.namespaced:
            body = with_namespace(body, None)
        try:
            present = self.get(resource, namespace(body), name(body))
        except ApiError as error:
            if error.code != 404:
                raise
            present = None
        if present is not None and not self._ours(present):
            raise ProviderError(_exists(self.kind, present))
        return resource, self.apply(resource, body, force=_forced(body, self.cluster))

    def _ours(self, present: Obj) -> bool:
        if pluck(present, "metadata", "deletionTimestamp"):
            return False
        if self.cluster.options.upsert:
            return True
        managed = pluck(present, "metadata", "managedFields", default=[])
        return any(
            entry.get("manager") == self.manager and entry.get("operation") == "Apply"
            for entry in managed
        )

    def foretell(self, body: Obj) -> Obj | None:
        """The object as a create would make it, by a dry run; None where that cannot be told."""
        try:
            resource = self.cluster.find(self.kind)
            query = {"dryRun": "All", "fieldManager": self.manager, "fieldValidation": "Warn"}
            path = resource.collection(namespace(body))
            return self.cluster.client.create(path, body, query, self._warn)
        except (NoMatchError, Unreachable):
            return None
        except ApiError as error:
            if _untold(error):
                return None
            raise

    def update(self, old: Obj, body: Obj, ignored: list[str], *, dry: bool = False) -> Obj | None:
        """Apply a changed object over the live one; None if a dry run cannot tell."""
        try:
            resource = self.cluster.find(self.kind)
            live = self.get(resource, namespace(old), name(old))
            body = ignoring(body, live, ignored, self.manager)
            force = _forced(body, self.cluster) or not pluck(live, "metadata", "managedFields")
            return self.cluster.retrying(
                lambda: self.apply(resource, body, force=force, dry=dry),
                lambda error: 0.0 if dry else self._passing_update(body, error),
            )
        except (NoMatchError, Unreachable):
            if dry:
                return None
            raise
        except ApiError as error:
            if dry and _untold(error):
                return None
            raise

    def _passing_update(self, body: Obj, error: ProviderError) -> float:
        starting = isinstance(error, ApiError) and error.webhook_starting
        return waiting.timeout(body, self.timeout, 600.0) if starting else 0.0

    def apply(self, resource: Resource, body: Obj, *, force: bool, dry: bool = False) -> Obj:
        """Server-side apply; a conflict names the field and its manager."""
        query = {"fieldManager": self.manager, "force": str(force).lower()}
        if dry:
            query["dryRun"] = "All"
        path = resource.path(namespace(body), name(body))
        try:
            return self.cluster.client.apply(path, claiming(body), query, self._warn)
        except ApiError as error:
            if not error.conflicts:
                raise
            if taken_over(error.conflicts) and not force:
                return self.apply(resource, body, force=True, dry=dry)
            fields = "; ".join(f"{message}: {field}" for field, message in error.conflicts)
            raise ProviderError(
                f"server-side apply field conflict of {self.kind.name} {name(body)!r}: {fields} "
                f'(the annotation {PATCH_FORCE}: "true" takes the fields over)'
            ) from None

    def get(self, resource: Resource, inside: str, called: str) -> Obj:
        """The live object."""
        return self.cluster.client.get(resource.path(inside, called))

    def delete(self, old: Obj) -> None:
        """Delete an object, if it is there, and wait until it is gone."""
        policy = _PROPAGATIONS.get(annotation(old, PROPAGATION).lower(), "Foreground")
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy}
        try:
            resource = self.cluster.find(self.kind)
            live = self.get(resource, namespace(old), name(old))
            self.cluster.client.delete(resource.path(namespace(old), name(old)), options)
        except NoMatchError:
            return  # its definition is gone, and every object with it
        except ApiError as error:
            if error.code == 404:
                return
            raise
        skip = annotation(old, waiting.SKIP_AWAIT) == "true"
        if not (skip and (self.kind.group, self.kind.name) in _SKIPPED):
            waiting.wait_deleted(self.cluster, resource, live, self.timeout, self.progress)

    def _warn(self, text: str) -> None:
        if not ("deprecated" in text and self.cluster.options.suppress_deprecations):
            self.warn(text)


def _exists(kind: Kind, present: Obj) -> str:
    if pluck(present, "metadata", "deletionTimestamp"):
        return f"{kind.name} {name(present)!r} of an earlier run is still being deleted"
    return (
        f"{kind.name} {name(present)!r} already exists and this resource did not make it. To take "
        "it over: pulumi import, or upsertExistingObjects on the provider; if the resource was "
        "renamed: an alias."
    )


def _forced(body: Obj, cluster: Cluster) -> bool:
    return cluster.options.patch_force or annotation(body, PATCH_FORCE) == "true"


def _untold(error: ApiError) -> bool:
    """Whether a dry run failed for what a real run would not, or would not yet."""
    if error.code == 403 or error.already_exists or error.namespace_missing:
        return True
    return error.webhook_starting or (error.code == 400 and "dry run" in str(error))
