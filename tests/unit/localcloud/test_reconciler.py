"""A reconciler runs at once, after each change of its topics, and after its own errors."""

import threading

import pytest

from localcloud import reconciler
from localcloud.changes import Changes
from localcloud.reconciler import Loop


class Recording:
    """Counts its runs; the first `failing` ones fail."""

    name = "recording"
    topics = frozenset({"ec2"})

    def __init__(self, failing: int = 0) -> None:
        self.runs = threading.Semaphore(0)
        self.failing = failing

    def reconcile(self) -> None:
        self.runs.release()
        if self.failing:
            self.failing -= 1
            raise ValueError("a bad record")


def ran(recording: Recording, within: float = 5.0) -> bool:
    return recording.runs.acquire(timeout=within)


def test_it_runs_at_once_and_when_its_topic_changes() -> None:
    changes, recording = Changes(), Recording()
    Loop(recording, changes).start()
    assert ran(recording)
    changes.notify("route53")
    assert not ran(recording, within=0.05)
    changes.notify("ec2")
    assert ran(recording)
    changes.close()


def test_an_error_is_kept_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciler, "RETRY_SECONDS", 0.01)
    changes, recording = Changes(), Recording(failing=1)
    loop = Loop(recording, changes)
    loop.start()
    assert ran(recording)
    assert ran(recording)
    changes.notify("ec2")
    assert ran(recording)  # so the second run is over
    assert (loop.error, loop.recovered_from) == (None, "ValueError: a bad record")
    changes.close()


def test_a_change_during_a_run_is_not_lost_and_closing_lets_waiters_go() -> None:
    changes = Changes()
    mark = changes.seen({"ec2"})
    changes.notify("ec2")
    assert changes.wait({"ec2"}, mark, timeout=5)
    changes.close()
    assert not changes.wait({"ec2"}, changes.seen({"ec2"}))
