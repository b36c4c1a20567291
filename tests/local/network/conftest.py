"""Runs the tests of this folder inside a tree of namespaces of their own, in one inner pytest.

The outer session only shows the inner one's reports: nothing is set up outside, and nothing is
left when the inner one ends, however it ends.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.network.site import Site
from tests.local.network.stage import Stage

INSIDE = "TESTS_LOCAL_NETWORK_REPORTS"  # in the inner session: the file of its reports
HERE = Path(__file__).parent
# As in a cloud: /run is its own, and its loopback is up. /etc is a copy, which tests may spoil.
_PREPARE = """\
mount -t tmpfs tmpfs /run && cp -a /etc /run/etc && mount --bind /run/etc /etc
ip link set lo up && exec "$@"
"""


class Reporter:
    """Writes the inner session's reports, a line each."""

    def __init__(self, config: pytest.Config, file: Path) -> None:
        self._config, self._file = config, file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        with self._file.open("a") as file:
            file.write(json.dumps(data) + "\n")


class Inner:
    """The inner session: run once, for all tests of this folder that were chosen."""

    def __init__(self, session: pytest.Session) -> None:
        chosen = [item.nodeid for item in session.items if HERE in item.path.parents]
        command = [
            "setpriv", "--pdeathsig=KILL",  # it ends with the outer session, and all in it with it
            "unshare", "--pid", "--fork", "--kill-child", "--mount", "--net", "--mount-proc",
            "sh", "-c", _PREPARE, "inside",
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *_warnings(session),
            *chosen,
        ]  # fmt: skip
        with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as reports:
            done = subprocess.run(
                command, cwd=session.config.rootpath, env={**os.environ, INSIDE: reports.name},
                capture_output=True, text=True,
            )  # fmt: skip
            self.reports = [json.loads(line) for line in reports]
        self.said = done.stdout + done.stderr

    def of(self, item: pytest.Item) -> list[dict[str, Any]]:
        """The reports of one test; one that failed, if the inner session did not come to it."""
        missing = {
            "$report_type": "TestReport", "nodeid": item.nodeid, "location": item.location,
            "keywords": {}, "outcome": "failed", "when": "call", "sections": [], "duration": 0.0,
            "longrepr": f"the inner session said:\n{self.said}",
        }  # fmt: skip
        return [data for data in self.reports if data["nodeid"] == item.nodeid] or [missing]


def _warnings(session: pytest.Session) -> list[str]:
    return [part for one in session.config.option.pythonwarnings or () for part in ("-W", one)]


_inner = pytest.StashKey[Inner]()


def pytest_configure(config: pytest.Config) -> None:
    """Inside: write down the reports."""
    if INSIDE in os.environ:
        config.pluginmanager.register(Reporter(config, Path(os.environ[INSIDE])))


def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Outside: show what the inner session reported of this test."""
    if INSIDE in os.environ or HERE not in item.path.parents:
        return None
    if os.geteuid() != 0:
        pytest.exit("the tests of the local cloud make namespaces: run them as root")
    stash = item.session.stash
    if _inner not in stash:
        stash[_inner] = Inner(item.session)
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for data in stash[_inner].of(item):
        report = item.config.hook.pytest_report_from_serializable(config=item.config, data=data)
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture
def stage() -> Iterator[Stage]:
    """An empty network; everything on it is gone after the test."""
    with Stage() as stage:
        yield stage


@pytest.fixture
def site(stage: Stage, tmp_path: Path) -> Iterator[Site]:
    """Two targets, and a load balancer of which the records know nothing yet."""
    tmp_path.chmod(0o755)
    site = Site(stage, tmp_path)
    yield site
    site.close()
