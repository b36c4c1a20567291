"""Processes that end by themselves are told of; those that are stopped are not."""

import queue
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.process import Process
from localcloud.supervisor import Death, Supervised, Supervisor


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor()
    yield made
    made.close()


def _process(tmp_path: Path, name: str, script: str) -> Process:
    return Process(name=name, args=["sh", "-c", script], log=tmp_path / f"{name}.log")


def test_a_death_is_told_with_the_end_of_the_log(supervisor: Supervisor, tmp_path: Path) -> None:
    deaths: queue.Queue[Death] = queue.Queue()
    process = _process(tmp_path, "x", "echo why; read _; exit 3").start()
    supervisor.watch(process, deaths.put)
    assert deaths.get(timeout=5) == Death("x", "why")
    process.stop()


def test_a_process_that_has_ended_already_is_told_of(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    deaths: queue.Queue[Death] = queue.Queue()
    process = _process(tmp_path, "x", "echo early").start()
    process.stop()
    supervisor.watch(process, deaths.put)
    assert deaths.get_nowait().name == "x"


def test_a_wanted_end_is_not_told(supervisor: Supervisor, tmp_path: Path) -> None:
    deaths: queue.Queue[Death] = queue.Queue()
    group = Supervised(supervisor, deaths.put)
    group.start(_process(tmp_path, "stopped", "sleep 60"))
    killed = group.start(_process(tmp_path, "killed", "sleep 60"))
    group.stop("stopped")
    group.kill()
    assert killed.exit_code == -signal.SIGKILL
    # One that is told comes after any that the two above would have caused.
    last = group.start(_process(tmp_path, "last", "exit 1"))
    assert deaths.get(timeout=5).name == "last"
    assert deaths.empty()
    last.stop()


def test_a_listener_that_fails_does_not_end_the_supervision(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    def fail(_: Death) -> None:
        raise RuntimeError("listener")

    deaths: queue.Queue[Death] = queue.Queue()
    first = _process(tmp_path, "first", "exit 0").start()
    supervisor.watch(first, fail)
    first.stop()
    second = _process(tmp_path, "second", "exit 0").start()
    supervisor.watch(second, deaths.put)
    assert deaths.get(timeout=5).name == "second"
    second.stop()
