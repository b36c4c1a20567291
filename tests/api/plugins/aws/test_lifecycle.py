"""Waits, retries and failures, with a type that only these tests have."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest

from localcloud.plugins.aws import lifecycle, reading, session
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import Resource, ResourceType, Until
from localcloud.plugins.aws.session import ApiError, Session
from localcloud.plugins.provider import InitFailed, PluginError
from localcloud.plugins.values import from_struct


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "FIRST_PAUSE", 0.001)


class Shelf:
    """A cloud of one thing; `script` is the states that successive reads see."""

    def __init__(self, *script: str) -> None:
        self.script: Iterator[str] = iter(script)
        self.state = ""
        self.calls: list[str] = []
        self.refusals: list[ApiError] = []
        self.cancelled = threading.Event()

    def _refuse(self, call: str) -> None:
        self.calls.append(call)
        if self.refusals:
            raise self.refusals.pop(0)

    def create(self, record: Resource) -> Any:
        self._refuse("create")
        return {"Id": "thing-1"}

    def read(self, record: Resource) -> Any:
        self.state = next(self.script, self.state)
        if self.state == "cancelled":
            self.cancelled.set()
        if self.state == "gone":
            raise ApiError("DescribeThing", "NotFound", "no thing")
        return {"Size": 1, "State": self.state, "Why": "no room"}

    def delete(self, record: Resource) -> Any:
        self._refuse("delete")


def record(shelf: Shelf, seconds: float = 5) -> Resource:
    kind = ResourceType(
        token="aws:x/thing:Thing",
        service="x",
        properties={"size": Prop(read="Size")},
        create=shelf.create,
        id="Id",
        read=shelf.read,
        delete=shelf.delete,
        missing=("NotFound",),
        busy=("DependencyViolation",),
        retry_create=(("InvalidParameter", "role"),),
        ready=Until("State", frozenset({"ready"}), frozenset({"failed"}), "Why"),
        deleted=Until("State", frozenset({"deleted"})),
    )
    talk = Session(shelf.cancelled)
    return Resource(type=kind, session=talk, region="r", props={"size": 1}, seconds=seconds)


def error(code: str, message: str = "") -> ApiError:
    return ApiError("CreateThing", code, message)


EARLY = error("InvalidParameter", "the role is not there")
BUSY = error("DependencyViolation")


@pytest.mark.parametrize("refusals", [0, 2])  # until a change in IAM has propagated
def test_create_waits_until_it_is_ready(refusals: int) -> None:
    shelf = Shelf("pending", "pending", "ready")
    shelf.refusals = [EARLY] * refusals
    made = record(shelf)
    assert lifecycle.create(made) == {"size": 1, "region": "r"}
    assert made.id == "thing-1"
    assert shelf.calls == ["create"] * (1 + refusals)


@pytest.mark.parametrize(
    ("states", "seconds", "reason"),
    [
        (["pending", "failed"], 5, "thing-1 is failed: no room"),
        (["pending"], 0.01, r"timed out after 0\.01 s waiting for thing-1"),
        (["pending", "cancelled"], 600, "cancelled while waiting for thing-1 to be ready"),
    ],
)
def test_what_is_not_ready_after_its_creation_keeps_its_id(
    states: list[str], seconds: float, reason: str
) -> None:
    shelf = Shelf(*states)
    with pytest.raises(InitFailed, match=reason) as failed:
        lifecycle.create(record(shelf, seconds))
    assert failed.value.detail.id == "thing-1"
    assert from_struct(failed.value.detail.properties)["size"] == 1


def test_any_other_refusal_is_raised_at_once() -> None:
    shelf = Shelf("ready")
    shelf.refusals = [error("InvalidParameter", "the size\n is wrong")]
    with pytest.raises(ApiError, match=r"^CreateThing: InvalidParameter: the size is wrong$"):
        lifecycle.create(record(shelf))
    assert shelf.calls == ["create"]


def test_delete_waits_for_what_depends_on_it() -> None:
    shelf = Shelf("ready", "deleting", "gone")
    shelf.refusals = [BUSY] * 2
    lifecycle.delete(record(shelf))
    assert shelf.calls == ["delete"] * 3


def test_delete_times_out() -> None:
    shelf = Shelf("ready")
    shelf.refusals = [BUSY] * 1000
    with pytest.raises(PluginError, match="timed out after"):
        lifecycle.delete(record(shelf, 0.01))


@pytest.mark.parametrize("state", ["gone", "deleted"])
def test_what_is_gone_need_not_be_deleted(state: str) -> None:
    shelf = Shelf(state)
    lifecycle.delete(record(shelf))
    assert shelf.calls == []
    assert reading.describe(record(shelf)) is None


def test_a_failed_update_keeps_the_resource() -> None:
    changing = replace(record(Shelf("ready", "failed")), id="thing-1", old={"size": 1})
    lifecycle.update(replace(changing, props={"size": 1}))
    with pytest.raises(InitFailed, match="no room") as failed:
        lifecycle.update(changing)
    assert failed.value.detail.id == "thing-1"
    assert from_struct(failed.value.detail.properties) == {"size": 1, "region": "r"}


def test_attempts_pause_longer_and_longer() -> None:
    cancelled = Mock(is_set=lambda: False)
    attempts = Session(cancelled).attempts(60, "it")
    for _ in range(30):
        next(attempts)
    pauses = [call.args[0] for call in cancelled.wait.call_args_list]
    assert pauses[0] == 0.001
    assert pauses[-1] == session.LONGEST_PAUSE
    assert pauses == sorted(pauses)
