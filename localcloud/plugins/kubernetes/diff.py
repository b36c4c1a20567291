"""Diff: which inputs changed, and whether the object can be changed in place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.diffs import Change, diff
from localcloud.plugins.kubernetes.immutable import Pattern, replaces
from localcloud.plugins.values import plain

_KINDS = {
    Change.ADD: (provider_pb2.PropertyDiff.ADD, provider_pb2.PropertyDiff.ADD_REPLACE),
    Change.DELETE: (provider_pb2.PropertyDiff.DELETE, provider_pb2.PropertyDiff.DELETE_REPLACE),
    Change.UPDATE: (provider_pb2.PropertyDiff.UPDATE, provider_pb2.PropertyDiff.UPDATE_REPLACE),
}


@dataclass(frozen=True)
class Difference:
    """The changed paths of the inputs, and those of them that replace the object."""

    changes: Mapping[str, Change]
    replaces: tuple[str, ...] = ()

    def response(self, *, delete_first: bool = False) -> Any:
        """As the engine takes it; `delete_first`: a new one cannot stand beside the old one."""
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if self.changes or self.replaces else none,
            replaces=self.replaces,
            diffs=sorted({path.split(".")[0].split("[")[0] for path in self.changes}),
            deleteBeforeReplace=delete_first and bool(self.replaces),
            detailedDiff={
                path: provider_pb2.PropertyDiff(
                    kind=_KINDS[change][path in self.replaces], inputDiff=True
                )
                for path, change in self.changes.items()
            },
            hasDetailedDiff=True,
        )


def compare(old: Mapping[str, Any], new: Mapping[str, Any], fields: list[Pattern]) -> Difference:
    """The difference of two checked inputs, where a change of `fields` replaces."""
    before, after = plain(old), plain(new)
    changes = diff(before, after)
    replacing = tuple(path for path in changes if replaces(path, before, after, fields))
    return Difference(changes, replacing)
