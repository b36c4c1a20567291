"""The Go programs of our own, by their own tests, with the Go that builds the tools."""

import subprocess

from localcloud.tools import cache, gobuilds, golang
from localcloud.tools.process import Builds
from localcloud.tools.progress import Progress


def test_the_pod_identity_agent_passes_its_own_tests() -> None:
    go = golang.ensure(cache.root(), Builds(), Progress.to(print))
    done = subprocess.run(
        [go, "test", "./..."],
        cwd=gobuilds.SOURCES / "own", env=golang.environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
