"""A change of a cluster's records by the reconciler."""

import threading
from collections.abc import Mapping

from localcloud.aws.eks.state import ClusterState, find
from localcloud.changes import Changes


class Changing:
    """Holds the lock over a change of a cluster's records, and tells of it if it was one.

    A report that changes nothing must wake nobody: the reconciler that makes it would never rest.
    """

    def __init__(
        self,
        lock: "threading.RLock",
        states: Mapping[str, ClusterState],
        name: str,
        changes: Changes,
    ) -> None:
        self._lock, self._states, self._name, self._changes = lock, states, name, changes
        self._before: object = None

    def __enter__(self) -> ClusterState:
        self._lock.acquire()
        try:
            self._before = self._seen()
            return find(self._states, self._name)
        except BaseException:  # whatever it is, the lock must not stay taken
            self._lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        after = self._seen()
        self._lock.release()
        if after != self._before:
            self._changes.notify("eks")

    def _seen(self) -> object:
        state = self._states.get(self._name)
        if state is None:
            return None
        records = [part.record for part in state.nodegroups.values()]
        records += [part.record for part in state.addons.values()]
        statuses = [record["status"] for record in records]
        return state.record["status"], state.record.get("endpoint"), statuses
