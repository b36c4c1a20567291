"""How every entry of the table is created, read, updated and deleted."""

from collections.abc import Mapping
from typing import Any

from localcloud.plugins.aws.difference import differences, top
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.reading import NEVER, describe, outputs, state_of
from localcloud.plugins.aws.session import AwsError, search
from localcloud.plugins.aws.table import Record, Update
from localcloud.plugins.provider import InitFailed, ProviderError

EARLY_SECONDS = 120
"""How long AWS may take until a new role or policy is known everywhere."""


def create(record: Record) -> dict[str, Any]:
    """Make the resource; sets `record.id`."""
    record.id = _make(record)
    try:
        live = wait_until_ready(record)
        for step in record.type.finish:
            step(record)
        record.old = live
        inputs = record.type.inputs.items()
        readable = {name: prop for name, prop in inputs if prop.read is not None}
        return live if not _change(record, readable) else wait_until_ready(record)
    except ProviderError as error:
        raise InitFailed(record.id, _outputs_if_any(record), [str(error)]) from None


def needed(record: Record, properties: Mapping[str, Prop]) -> list[Update]:
    """The updates that lead from `record.old` to `record.props`, as far as `properties` go."""
    found = differences(properties, record.old, record.props)
    changed = {top(path) for path in found} - {"tags"}
    if record.type.tagging and record.tags_all != (record.old.get("tagsAll") or {}):
        changed.add("tags")
    return [each for each in record.type.changes if changed & set(each.properties)]


def _change(record: Record, properties: Mapping[str, Prop]) -> bool:
    """Take the steps of all updates that are needed; whether there were any."""
    groups = needed(record, properties)
    for group in groups:
        for step in group.steps:
            step(record)
        wait_until_ready(record)
    return bool(groups)


def _make(record: Record) -> str:
    kind = record.type
    for _ in record.session.attempts(min(EARLY_SECONDS, record.seconds), "IAM to spread the news"):
        try:
            return str(record.output(kind.id, kind.create(record)))
        except AwsError as error:
            if not any(error.code == code and part in error.message for code, part in kind.early):
                raise
    raise AssertionError("attempts() either yields or raises")


def _outputs_if_any(record: Record) -> dict[str, Any]:
    try:
        answer = describe(record)
    except ProviderError:
        answer = None  # what went wrong first is what the person should read
    return record.props if answer is None else outputs(record, answer)


def wait_until_ready(record: Record) -> dict[str, Any]:
    """Wait for the state that create and update end in; the outputs then."""
    until = record.type.ready or NEVER
    for _ in record.session.attempts(record.seconds, f"{record.id} to be ready"):
        answer = describe(record)
        if answer is None:
            continue  # not every part of AWS knows of it yet
        seen = state_of(record.type.ready, answer)
        if seen in until.failed:
            raise ProviderError(f"{record.id} is {seen}: {search(until.reason, answer)}")
        if record.type.ready is None or seen in until.done:
            return outputs(record, answer)
    raise AssertionError("attempts() either yields or raises")


def update(record: Record) -> dict[str, Any]:
    """Make the changes from `record.old` to `record.props`, one group at a time."""
    try:
        _change(record, record.type.inputs)
        return wait_until_ready(record)
    except ProviderError as error:
        raise InitFailed(record.id, _outputs_if_any(record), [str(error)]) from None


def delete(record: Record) -> None:
    """Delete the resource and wait until it is gone; nothing to do if it is already."""
    kind = record.type
    if kind.deleted and describe(record) is None:
        return  # AWS still tells of it for a while
    for _ in record.session.attempts(record.seconds, f"what depends on {record.id} to go"):
        try:
            kind.delete(record)
            break
        except AwsError as error:
            if error.code in kind.missing:
                return
            if error.code not in kind.busy:
                raise
    if kind.deleted is None:
        return
    for _ in record.session.attempts(record.seconds, f"{record.id} to be gone"):
        answer = describe(record)
        if answer is None:
            return
        if (seen := state_of(kind.deleted, answer)) in kind.deleted.failed:
            raise ProviderError(f"{record.id} is {seen}: {search(kind.deleted.reason, answer)}")
