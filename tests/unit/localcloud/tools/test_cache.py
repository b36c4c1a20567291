"""Entries of the cache appear when they are complete, and builds wait for each other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from localcloud.tools import cache

HOLD = """
import sys
from pathlib import Path
from localcloud.tools import cache
with cache.locked(Path(sys.argv[1]), print):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"EKS_SERVICE_TYPES_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/eks-service-types"),
        ({"HOME": "/c"}, "/c/.cache/eks-service-types"),
    ],
)
def test_the_cache_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    for name in ("EKS_SERVICE_TYPES_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache.root() == Path(expected)


def test_a_digest_tells_apart_what_runs_together_the_same() -> None:
    assert cache.digest(("ab", "c")) != cache.digest(("a", "bc"))
    assert cache.digest(("ab", b"c")) == cache.digest((b"ab", "c"))


def test_contents_change_with_names_and_bytes_but_not_with_order_or_bytecode(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").write_text("1")
    before = cache.digest(cache.contents(tmp_path))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    assert cache.digest(cache.contents(tmp_path)) == before
    (tmp_path / "a").rename(tmp_path / "b")
    assert cache.digest(cache.contents(tmp_path)) != before


def test_an_entry_appears_only_when_it_is_finished(tmp_path: Path) -> None:
    entry = tmp_path / "tool-1"
    with cache.making(entry) as folder:
        (folder / "program").write_text("x")
        assert not entry.exists()
    assert (entry / "program").read_text() == "x"
    assert os.listdir(tmp_path) == ["tool-1"]


def test_a_failed_entry_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with cache.making(tmp_path / "tool-1") as folder:
            (folder / "program").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert os.listdir(tmp_path) == []


def test_what_a_killed_maker_left_is_swept_and_entries_stay(tmp_path: Path) -> None:
    left = tmp_path / f"{cache.TEMPORARY}tool-1-x"
    left.mkdir()
    (left / "program").write_text("half")
    (tmp_path / f"{cache.TEMPORARY}link").symlink_to("nowhere")
    (tmp_path / "tool-2").mkdir()
    cache.sweep(tmp_path)
    assert os.listdir(tmp_path) == ["tool-2"]


def test_a_pointer_moves_to_its_new_target(tmp_path: Path) -> None:
    for target in ("one", "two"):
        (tmp_path / target).mkdir()
        cache.point(tmp_path / "link", target)
    assert (tmp_path / "link").readlink() == Path("two")
    assert sorted(os.listdir(tmp_path)) == ["link", "one", "two"]


def test_the_second_maker_says_that_it_waits_and_for_whom(tmp_path: Path) -> None:
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(cache.__file__).parents[2])},
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"

        def say(text: str) -> None:
            said.append(text)
            assert other.stdin is not None
            other.stdin.close()  # the other one ends, and its lock with it

        with cache.locked(tmp_path, say):
            assert other.wait() == 0
    assert said == [f"waiting for process {other.pid}, which is making the same tools"]


def test_a_free_lock_is_taken_without_a_word(tmp_path: Path) -> None:
    with cache.locked(tmp_path / "new", pytest.fail):
        pass
    with cache.locked(tmp_path / "new", pytest.fail):
        pass
