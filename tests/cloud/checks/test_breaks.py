"""On a running stack: what is broken turns its checks red, and no other."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud.checks.breaks import BREAKS, Break
from tests.cloud.checks.site import Site
from tests.cloud.conftest import Cloud

NOTICED = 60.0  # seconds for a break, or its end, to be seen: health checks and caches take some


@pytest.fixture(scope="module")
def site(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    outputs = cloud.outputs()
    file: Path = tmp_path_factory.mktemp("checks") / "outputs.json"
    file.touch(mode=0o600)  # the outputs hold secrets
    file.write_text(json.dumps(outputs))
    yield Site(cloud, outputs, file)
    file.unlink()


@pytest.mark.parametrize("broken", BREAKS, ids=lambda each: each.title)
def test_a_break_turns_its_checks_red_and_no_other(site: Site, broken: Break) -> None:
    with broken.context(site):
        deadline = time.monotonic() + NOTICED
        while (red := site.red("--wait", "0")) != broken.red and time.monotonic() < deadline:
            pass  # a run is its own pause: it lasts seconds

    assert red == broken.red
    assert site.red("--wait", str(NOTICED)) == set()


def test_without_kubectl_nothing_that_needs_it_is_green(site: Site) -> None:
    assert site.red("--wait", "0", path="/nowhere") == {1, 2, 3, 4, 5, 9}
