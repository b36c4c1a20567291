"""Waits, retries and failures, with a type that only these tests have."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from localcloud.plugins.aws import lifecycle, reading, session
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.session import ApiError, Session
from localcloud.plugins.aws.table import Resource, ResourceType, Until
from localcloud.plugins.provider import InitFailed, ProviderError
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

    def _refuse(self, call: str) -> None:
        self.calls.append(call)
        if self.refusals:
            raise self.refusals.pop(0)

    def create(self, record: Resource) -> Any:
        self._refuse("create")
        return {"Id": "thing-1"}

    def read(self, record: Resource) -> Any:
        self.state = next(self.script, self.state)
        if self.state == "gone":
            raise ApiError("DescribeThing", "NotFound", "no thing")
        return {"Size": 1, "State": self.state, "Why": "no room"}

    def delete(self, record: Resource) -> Any:
        self._refuse("delete")


def record(shelf: Shelf, seconds: float = 5, cancelled: threading.Event | None = None) -> Resource:
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
        early=(("InvalidParameter", "role"),),
        ready=Until("State", frozenset({"ready"}), frozenset({"failed"}), "Why"),
        deleted=Until("State", frozenset({"deleted"})),
    )
    talk = Session(cancelled or threading.Event())
    return Resource(type=kind, session=talk, region="r", props={"size": 1}, seconds=seconds)


def error(code: str, message: str = "") -> ApiError:
    return ApiError("CreateThing", code, message)


def test_create_waits_until_it_is_ready() -> None:
    shelf = Shelf("pending", "pending", "ready")
    made = record(shelf)
    assert lifecycle.create(made) == {"size": 1, "region": "r"}
    assert made.id == "thing-1"


def test_what_fails_after_its_creation_keeps_its_id() -> None:
    with pytest.raises(InitFailed, match="thing-1 is failed: no room") as failed:
        lifecycle.create(record(Shelf("pending", "failed")))
    assert failed.value.detail.id == "thing-1"
    assert from_struct(failed.value.detail.properties)["size"] == 1


def test_a_wait_ends_with_its_time() -> None:
    with pytest.raises(InitFailed, match=r"timed out after 0\.01 s waiting for thing-1"):
        lifecycle.create(record(Shelf("pending"), seconds=0.01))


def test_a_wait_ends_when_the_engine_cancels() -> None:
    cancelled = threading.Event()
    shelf = Shelf("pending")
    waiting = record(shelf, seconds=600, cancelled=cancelled)
    shelf.script = _then(cancelled.set, "pending", "pending")
    with pytest.raises(InitFailed, match="cancelled while waiting for thing-1 to be ready"):
        lifecycle.create(waiting)


def _then(do: Callable[[], None], *states: str) -> Iterator[str]:
    yield from states
    do()
    yield states[-1]


def test_create_waits_for_a_change_in_iam_to_propagate() -> None:
    shelf = Shelf("ready")
    shelf.refusals = [error("InvalidParameter", "the role is not there")] * 2
    lifecycle.create(record(shelf))
    assert shelf.calls == ["create"] * 3


def test_any_other_refusal_is_raised_at_once() -> None:
    shelf = Shelf("ready")
    shelf.refusals = [error("InvalidParameter", "the size\n is wrong")]
    with pytest.raises(ApiError, match=r"^CreateThing: InvalidParameter: the size is wrong$"):
        lifecycle.create(record(shelf))
    assert shelf.calls == ["create"]


def test_delete_waits_for_what_depends_on_it() -> None:
    shelf = Shelf("ready", "deleting", "gone")
    shelf.refusals = [error("DependencyViolation")] * 2
    lifecycle.delete(record(shelf))
    assert shelf.calls == ["delete"] * 3


def test_delete_times_out() -> None:
    shelf = Shelf("ready")
    shelf.refusals = [error("DependencyViolation")] * 1000
    with pytest.raises(ProviderError, match="timed out after"):
        lifecycle.delete(record(shelf, seconds=0.01))


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
    cancelled = _Recorder()
    talk = Session(cancelled)
    attempts = talk.attempts(60, "it")
    for _ in range(30):
        next(attempts)
    assert cancelled.pauses[0] == 0.001
    assert cancelled.pauses[-1] == session.LONGEST_PAUSE
    assert cancelled.pauses == sorted(cancelled.pauses)


class _Recorder(threading.Event):
    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0)
        return False
