"""The Go programs of our own, by their own tests, with the Go that builds the tools."""

import subprocess

import pytest

from localcloud.tools import cache, gobuilds, golang
from localcloud.tools.commands import Commands
from localcloud.tools.progress import Progress


@pytest.mark.parametrize("module", ["own", "sessions"])
def test_they_pass_their_own_tests(module: str) -> None:
    go = golang.ensure(cache.root(), Commands(), Progress.to(print))
    done = subprocess.run(
        [go, "test", "./..."],
        cwd=gobuilds.SOURCES / module, env=golang.environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
