"""Processes that exit unexpectedly are restarted; those that are stopped are not."""

import os
import queue
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.process import Process
from localcloud.supervisor import LONGEST_PAUSE, LOOPING, Supervised, Supervisor, pause

QUICK, STABLE = 0.1, 0.4  # seconds
TIMEOUT = 5  # seconds


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor(lambda exits: QUICK if exits > 1 else 0.0, STABLE)
    yield made
    made.close()


reports = pytest.fixture(lambda: queue.Queue())


@pytest.fixture
def group(supervisor: Supervisor, reports: "queue.Queue[None]") -> Iterator[Supervised]:
    made = Supervised(supervisor, lambda: reports.put(None))
    yield made
    made.kill()


def _process(tmp_path: Path, name: str, script: str) -> Process:
    return Process(name=name, args=["sh", "-c", script], log=tmp_path / f"{name}.log")


def test_a_process_that_is_killed_is_restarted_at_once_and_runs_once_its_probe_passes_again(
    supervisor: Supervisor, group: Supervised, reports: "queue.Queue[None]", tmp_path: Path
) -> None:
    (ready := tmp_path / "ready").touch()
    process = _process(tmp_path, "x", "echo why; exec sleep 60")
    process.healthy = ready.exists
    group.wait(group.start(process))
    [watched] = supervisor.watched()
    assert watched.serves
    ready.unlink()
    before = process.pid
    assert before
    os.kill(before, signal.SIGKILL)
    reports.get(timeout=TIMEOUT)  # of its exit
    reports.get(timeout=TIMEOUT)  # of its restart
    assert process.pid not in (None, before)
    assert str(watched.last).startswith("exited (-9):\n")
    assert group.failure is None
    assert not watched.serves
    ready.touch()
    assert watched.serves


def test_one_that_exits_repeatedly_is_restarted_after_pauses_and_fails_until_it_keeps_running(
    group: Supervised, reports: "queue.Queue[None]", tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    script = f"echo x >> {starts}; echo why; test -e {tmp_path / 'fine'} && exec sleep 60; exit 3"
    begun = time.monotonic()
    group.start(_process(tmp_path, "x", script))
    while not group.failure:
        reports.get(timeout=TIMEOUT)
    assert group.failure.startswith(f"x exited {LOOPING} times in a row (3):\nwhy")
    while (elapsed := time.monotonic() - begun) < 6 * QUICK:
        pass
    assert len(starts.read_text().split()) <= 2 + elapsed / QUICK
    (tmp_path / "fine").touch()
    while group.failure:
        reports.get(timeout=TIMEOUT)


def test_the_pauses_grow_up_to_a_limit() -> None:
    assert [pause(exits) for exits in (1, 2, 3, 4, 100)] == [0, 0.5, 1, 2, LONGEST_PAUSE]


def test_one_that_exits_before_it_served_is_not_restarted(
    group: Supervised, reports: "queue.Queue[None]", tmp_path: Path
) -> None:
    process = _process(tmp_path, "x", "echo why; exit 3")
    process.healthy = lambda: False
    group.start(process)
    with pytest.raises(RuntimeError, match=r"x exited early \(3\):\nwhy"):
        process.wait_healthy()
    while not group.failure:
        reports.get(timeout=TIMEOUT)
    assert not process.running


def test_wait_starts_one_that_exits_before_it_served_once_more(
    group: Supervised, tmp_path: Path
) -> None:
    (starts := tmp_path / "starts").touch()
    process = _process(
        tmp_path, "x", f"echo x >> {starts}; grep -qz x.x {starts} && exec sleep 60; exit 3"
    )
    process.healthy = lambda: starts.read_text() == "x\n" * 2
    group.wait(group.start(process))
    assert process.served
    process = _process(tmp_path, "y", "exit 3")
    process.healthy = lambda: False
    with pytest.raises(RuntimeError, match=r"y exited early \(3\)"):
        group.wait(group.start(process))


def test_a_program_that_cannot_be_started_again_is_tried_again(
    group: Supervised, reports: "queue.Queue[None]", tmp_path: Path
) -> None:
    program = tmp_path / "program"
    program.symlink_to("/bin/sleep")  # no script: its shell opens it after `start` has returned
    process = Process(name="x", args=[program, "60"], log=tmp_path / "x.log")
    group.start(process)
    program.rename(tmp_path / "away")
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    while not group.failure:
        reports.get(timeout=TIMEOUT)
    assert "No such file" in group.failure
    (tmp_path / "away").rename(program)
    while group.failure:
        reports.get(timeout=TIMEOUT)
    assert process.running


def test_the_rest_of_the_group_of_a_killed_process_is_killed_before_the_restart(
    group: Supervised, reports: "queue.Queue[None]", tmp_path: Path
) -> None:
    process = group.start(_process(tmp_path, "x", "sleep 60 & echo $!; wait"))
    while not process.log.read_text():
        pass
    worker, master = int(process.log.read_text()), process.pid
    assert master
    pidfd = os.pidfd_open(worker)
    os.kill(master, signal.SIGKILL)
    reports.get(timeout=TIMEOUT)
    assert select.select([pidfd], [], [], TIMEOUT)[0]
    os.close(pidfd)


def test_a_stopped_process_is_not_restarted(
    supervisor: Supervisor, group: Supervised, tmp_path: Path
) -> None:
    stopped = group.start(_process(tmp_path, "stopped", "exec sleep 60"))
    killed = group.start(_process(tmp_path, "killed", "exec sleep 60"))
    group.stop("stopped")
    group.kill()
    assert supervisor.watched() == []
    assert (stopped.exit_code, killed.exit_code) == (-signal.SIGTERM, -signal.SIGKILL)


def test_a_listener_that_fails_does_not_end_the_supervision(
    supervisor: Supervisor, group: Supervised, reports: "queue.Queue[None]", tmp_path: Path
) -> None:
    def fail() -> None:
        raise RuntimeError("listener")

    first = Supervised(supervisor, fail)
    first.start(_process(tmp_path, "first", "exit 0"))
    group.start(_process(tmp_path, "second", "exit 0"))
    reports.get(timeout=TIMEOUT)
    reports.get(timeout=TIMEOUT)
    first.kill()
