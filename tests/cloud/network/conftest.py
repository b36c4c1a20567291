"""Runs each module of this folder in network and mount namespaces of its own."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cloud.network.site import Site
from tests.cloud.network.stage import Stage

CLONE_FS, CLONE_NEWNS, CLONE_NEWNET = 0x200, 0x20000, 0x40000000
# As in a cloud: /run is its own, and its loopback is up. /etc is a copy, which tests may spoil.
_PREPARE = """\
mount --make-rprivate / && mount -t tmpfs tmpfs /run
cp -a /etc /run/etc && mount --bind /run/etc /etc
ip link set lo up
"""
# When its input ends, as it does however pytest ends, so do all processes of these namespaces.
_GUARD = """\
cat
for process in /proc/[0-9]*; do
  if [ $process/ns/mnt -ef /proc/$$/ns/mnt ] && [ $process != /proc/$$ ]; then
    kill -KILL ${process#/proc/}
  fi
done
"""
_libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *numbers: int) -> None:
    """A system call on the namespaces of this thread, and of what it starts from now on."""
    if getattr(_libc, name)(*numbers):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> Iterator[None]:
    """Empty ones for the thread that runs the tests; it is back in the machine's afterwards."""
    if os.geteuid() != 0:
        pytest.exit("the tests of the local cloud make namespaces: run them as root")
    machine = [os.open(f"/proc/thread-self/ns/{kind}", os.O_RDONLY) for kind in ("mnt", "net")]
    folder = Path.cwd()
    call("unshare", CLONE_NEWNS | CLONE_NEWNET)
    subprocess.run(["sh", "-ec", _PREPARE], check=True)
    guard = subprocess.Popen(["sh", "-c", _GUARD], stdin=subprocess.PIPE)
    yield
    call("unshare", CLONE_FS)  # threads that still run share it, and would keep it here
    for namespace in machine:
        call("setns", namespace, 0)
        os.close(namespace)
    os.chdir(folder)
    guard.communicate()


@pytest.fixture
def stage() -> Iterator[Stage]:
    """An empty network; everything on it is gone after the test."""
    with closing(Stage()) as stage:
        yield stage


@pytest.fixture
def site(stage: Stage, tmp_path: Path) -> Iterator[Site]:
    """Two targets, and a load balancer of which the records know nothing yet."""
    folder = Path("/run") / tmp_path.name  # which nginx's workers reach, as they do in a cloud
    folder.mkdir(mode=0o755)
    with closing(Site(stage, folder)) as site:
        yield site
