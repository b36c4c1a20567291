"""The responses of Diff and DiffConfig."""

from typing import Any

from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.aws.input_changes import Difference, top
from localcloud.plugins.property_diff import Change

_KINDS = {
    (Change.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Change.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Change.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Change.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def changes(any: bool) -> provider_pb2.DiffResponse.DiffChanges.ValueType:
    """The engine's word for whether there is a difference."""
    return provider_pb2.DiffResponse.DIFF_SOME if any else provider_pb2.DiffResponse.DIFF_NONE


def diff(found: dict[str, Difference], delete_first: bool) -> Any:
    """The response of Diff for these differences."""
    replaces = [path for path, each in found.items() if each.replace]
    return provider_pb2.DiffResponse(
        changes=changes(bool(found)),
        replaces=sorted({top(path) for path in replaces}),
        diffs=sorted({top(path) for path in found}),
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=_KINDS[each], inputDiff=True)
            for path, each in found.items()
        },
        hasDetailedDiff=True,
        deleteBeforeReplace=delete_first,
    )
