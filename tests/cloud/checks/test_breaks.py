"""On a running stack: what is broken turns its checks red, and no other."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cloud.checks.breaks import BREAKS, FURTHER_BREAKS, Break
from tests.cloud.checks.site import Site
from tests.cloud.conftest import Cloud
from tests.cloud.test_stack import configured

NOTICED = 60.0  # seconds for a break, or its end, to be seen: health checks and caches take some


# shop is reached as its pods: a ClusterIP Service is enough.
SHOP = {"page": "Hello from shop", "type": "ClusterIP", "host": "shop", "replicas": 1}
IMAGE = {"image": "localhost/nginx:1.22.1", "user": 101}
CART = {**IMAGE, "host": "shop", "path": "/index.html", "replicas": 1}
UP = ("up", "--yes", "--skip-preview")


@contextmanager
def site_of(cloud: Cloud, folder: Path) -> Iterator[Site]:
    file = folder / "outputs.json"
    file.touch(mode=0o600)  # the outputs hold secrets
    outputs = cloud.outputs()
    file.write_text(json.dumps(outputs))
    yield Site(cloud, outputs, file)
    file.unlink()


@pytest.fixture(scope="module")
def site(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of(cloud, tmp_path_factory.mktemp("checks")) as site:
        yield site


@pytest.fixture(scope="module")
def further(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The stack with two servers of the settings, while it has pods as targets."""
    folder = tmp_path_factory.mktemp("further")
    changes = {"services": {"shop": SHOP, "cart": CART}, "target-type": "ip"}
    cloud.pulumi(*UP, *configured(folder, changes))
    with site_of(cloud, folder) as site:
        yield site
    cloud.pulumi(*UP)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda each: each.title)
def test_a_break_turns_its_checks_red_and_no_other(site: Site, broken: Break) -> None:
    breaks(site, broken)


@pytest.mark.parametrize("broken", FURTHER_BREAKS, ids=lambda each: each.title)
def test_so_do_breaks_of_what_the_settings_add(further: Site, broken: Break) -> None:
    breaks(further, broken)


def breaks(site: Site, broken: Break) -> None:
    with broken.context(site):
        deadline = time.monotonic() + NOTICED
        while (red := site.red("--wait", "0")) != broken.red and time.monotonic() < deadline:
            pass  # a run is its own pause: it lasts seconds

    assert red == broken.red
    assert site.red("--wait", str(NOTICED)) == set()


def test_without_kubectl_nothing_that_needs_it_is_green(site: Site) -> None:
    assert site.red("--wait", "0", path="/nowhere") == {1, 2, 3, 4, 5, 9}
