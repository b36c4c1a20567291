"""Creates, updates and deletes resources of every type of the table."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from localcloud.plugins.aws.input_changes import differences, top
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.reading import NO_STATUS, describe, outputs, status_of
from localcloud.plugins.aws.resource_type import Resource, Update
from localcloud.plugins.aws.session import ApiError, search
from localcloud.plugins.provider import InitFailed, PluginError

PROPAGATION_SECONDS = 120
"""How long a new role or policy takes to propagate, at most."""


def create(resource: Resource) -> dict[str, Any]:
    """Make the resource, then run the updates for properties that the create call did not set.

    Sets `resource.id` and returns the outputs.
    """
    resource.id = _make(resource)
    with _kept_in_state(resource):
        resource.old = wait_until_ready(resource)
        for step in resource.type.after_create:
            step(resource)
        inputs = resource.type.inputs.items()
        readable = {name: prop for name, prop in inputs if prop.read is not None}
        return _change(resource, readable) or resource.old


def update(resource: Resource) -> dict[str, Any]:
    """Make the changes from `resource.old` to `resource.props`; returns the outputs."""
    with _kept_in_state(resource):
        return _change(resource, resource.type.inputs) or wait_until_ready(resource)


@contextmanager
def _kept_in_state(resource: Resource) -> Iterator[None]:
    """Turn a failure into InitFailed, with which the engine keeps the resource in the state."""
    try:
        yield
    except PluginError as error:
        raise InitFailed(resource.id, _last_outputs(resource), [str(error)]) from None


def needed(resource: Resource, properties: Mapping[str, Prop]) -> list[Update]:
    """The updates of `properties` that lead from `resource.old` to `resource.props`."""
    found = differences(properties, resource.old, resource.props)
    changed = {top(path) for path in found} - {"tags"}
    if resource.type.tagging and resource.tags_all != (resource.old.get("tagsAll") or {}):
        changed.add("tags")
    return [each for each in resource.type.all_updates if changed & set(each.properties)]


def _change(resource: Resource, properties: Mapping[str, Prop]) -> dict[str, Any] | None:
    """Make the updates that are needed; returns the outputs after the last, None if none was."""
    live = None
    for each in needed(resource, properties):
        for step in each.steps:
            step(resource)
        live = wait_until_ready(resource)
    return live


def _make(resource: Resource) -> str:
    resource_type = resource.type
    for _ in resource.session.attempts(
        min(PROPAGATION_SECONDS, resource.seconds), "the IAM change to propagate"
    ):
        try:
            return str(resource.output(resource_type.id, resource_type.create(resource)))
        except ApiError as error:
            if not any(
                error.code == code and part in error.message
                for code, part in resource_type.retry_create
            ):
                raise
    raise AssertionError("attempts() either yields or raises")


def _last_outputs(resource: Resource) -> dict[str, Any]:
    try:
        answer = describe(resource)
    except PluginError:
        answer = None  # the user should see the first error, not this one
    return resource.props if answer is None else outputs(resource, answer)


def wait_until_ready(resource: Resource) -> dict[str, Any]:
    """Wait until the resource is ready; returns its outputs."""
    until = resource.type.ready or NO_STATUS
    for _ in resource.session.attempts(resource.seconds, f"{resource.id} to be ready"):
        answer = describe(resource)
        if answer is None:
            continue  # reads are eventually consistent
        seen = status_of(resource.type.ready, answer)
        if seen in until.failed:
            raise PluginError(f"{resource.id} is {seen}: {search(until.reason, answer)}")
        if resource.type.ready is None or seen in until.done:
            return outputs(resource, answer)
    raise AssertionError("attempts() either yields or raises")


def delete(resource: Resource) -> None:
    """Delete the resource if it exists, and wait until it is gone."""
    resource_type = resource.type
    if resource_type.deleted and describe(resource) is None:
        return  # already deleted: AWS still returns it for a while, in a state of `deleted.done`
    for _ in resource.session.attempts(
        resource.seconds, f"the dependents of {resource.id} to be deleted"
    ):
        try:
            resource_type.delete(resource)
            break
        except ApiError as error:
            if error.code in resource_type.missing:
                return
            if error.code not in resource_type.busy:
                raise
    if resource_type.deleted is None:
        return
    for _ in resource.session.attempts(resource.seconds, f"{resource.id} to be deleted"):
        answer = describe(resource)
        if answer is None:
            return
        if (seen := status_of(resource_type.deleted, answer)) in resource_type.deleted.failed:
            raise PluginError(
                f"{resource.id} is {seen}: {search(resource_type.deleted.reason, answer)}"
            )
