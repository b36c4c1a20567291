"""A process is healthy once its probe says so; an early exit is an error."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from localcloud.process import Process, ProcessError, tail


def shell(tmp_path: Path, script: str, **more: object) -> Process:
    return Process(name="it", args=["sh", "-c", script], log=tmp_path / "logs" / "it.log", **more)  # type: ignore[arg-type]  # keywords of many types, checked by the dataclass


def test_it_is_healthy_once_the_probe_says_so(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    process = shell(tmp_path, f"touch {ready}; exec sleep 60", healthy=ready.exists).start()
    process.wait_healthy()
    assert process.running
    process.stop()
    assert not process.running
    assert process.exit_code == -15


def test_a_probe_may_raise_while_nothing_listens(tmp_path: Path) -> None:
    probe = Mock(side_effect=[OSError("refused"), True])
    process = shell(tmp_path, "exec sleep 60", healthy=probe).start()
    process.wait_healthy()
    process.stop()


def test_an_early_end_is_reported_with_the_tail_of_the_log(tmp_path: Path) -> None:
    process = shell(tmp_path, "echo no such disk >&2; exit 3", healthy=lambda: False).start()
    with pytest.raises(ProcessError, match=r"it exited early \(3\):\nno such disk"):
        process.wait_healthy()


def test_an_unhealthy_one_is_given_up(tmp_path: Path) -> None:
    process = shell(tmp_path, "exec sleep 60", healthy=lambda: False, timeout=0.1).start()
    with pytest.raises(ProcessError, match="not healthy"):
        process.wait_healthy()
    process.stop()


def test_one_that_ignores_term_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    process = shell(
        tmp_path, f"trap '' TERM; touch {ready}; while :; do sleep 60; done", healthy=ready.exists
    ).start()
    process.wait_healthy()
    process.stop(timeout=0.1)
    assert process.exit_code == -9


def test_stopping_what_never_started_is_nothing(tmp_path: Path) -> None:
    shell(tmp_path, "true").stop()


def test_the_tail_of_a_missing_log_says_so(tmp_path: Path) -> None:
    assert tail(tmp_path / "none.log") == "(the log is empty)"
