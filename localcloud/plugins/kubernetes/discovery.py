"""From kinds to paths: what the API server says it serves, asked once a group and version."""

import threading
from dataclasses import dataclass

from localcloud.plugins.kubernetes.client import Client
from localcloud.plugins.kubernetes.errors import ApiError, NoMatchError
from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.objects import Obj


@dataclass(frozen=True, slots=True)
class Resource:
    """Where the objects of a kind are: `plural` under `root`, in namespaces or not."""

    kind: Kind
    plural: str
    namespaced: bool

    def collection(self, namespace: str = "") -> str:
        """The path of a namespace's objects, or of all."""
        inside = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{self.kind.root}{inside}/{self.plural}"

    def path(self, namespace: str, name: str) -> str:
        """The path of one object."""
        return f"{self.collection(namespace)}/{name}"


class Discovery:
    """The resources of one API server."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._known: dict[str, list[Obj]] = {}

    def find(self, kind: Kind) -> Resource:
        """The resource of a kind; asks again, once, if it was not there before.

        Raises NoMatchError if the API server does not serve it.
        """
        for fresh in (False, True):
            for entry in self._entries(kind, fresh):
                if entry["kind"] == kind.name and "/" not in entry["name"]:
                    return Resource(kind, entry["name"], bool(entry["namespaced"]))
        raise NoMatchError(
            f"the API server has no kind {kind}; make the CustomResourceDefinition that defines it "
            "before, or correct apiVersion and kind"
        )

    def _entries(self, kind: Kind, fresh: bool) -> list[Obj]:
        with self._lock:
            if fresh or kind.root not in self._known:
                self._known[kind.root] = self._ask(kind.root)
            return self._known[kind.root]

    def _ask(self, root: str) -> list[Obj]:
        try:
            return list(self._client.get(root).get("resources") or [])
        except ApiError as error:
            # 503: an aggregated API whose server is not there, which no object can be in either.
            if error.code in (404, 503):
                return []
            raise
