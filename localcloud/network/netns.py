"""Calls functions in a network namespace, and runs commands on hosts of the cloud.

A network namespace is a property of a thread, so a short-lived thread enters the other one. Sockets
and processes that it creates stay there.
"""

import ctypes
import os
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from localcloud.paths import HOSTS, NETNS, RUN

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
T = TypeVar("T")


def path(name: str) -> Path:
    """The path of the namespace of a host or router."""
    return NETNS / name


def run_in(netns: Path | None, function: Callable[[], T]) -> T:
    """The result of `function`, called in a network namespace (None: this process's own).

    Raises its errors, and OSError if the namespace does not exist or may not be entered.
    """
    if netns is None:
        return function()
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            _enter_netns(netns)
            results.append(function())
        except BaseException as error:  # raised in the calling thread
            errors.append(error)

    thread = threading.Thread(target=work, name=f"in-{netns.name}")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _enter_netns(netns: Path) -> None:
    target = os.open(netns, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(target, CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"setns: {os.strerror(number)}", str(netns))
    finally:
        os.close(target)


def socket_in(
    netns: Path | None, family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM
) -> socket.socket:
    """A new socket in a network namespace (None: this process's own), wherever it is used later."""
    return run_in(netns, lambda: socket.socket(family, kind))


# In a mount namespace of its own, the command sees the machine's /etc with the host's files on top.
# A bind mount of each file would fail where the machine has no such file or a dangling link, and
# what the command writes to /etc must not reach the machine. So an overlay is mounted on /etc.
_ENTER = """\
set -e
host=$1 ca=$2 layer=$3; shift 3
mkdir -p "$layer"
mount -t tmpfs -o mode=755 localcloud-etc "$layer"
mkdir -p "$layer/etc/ssl/certs" "$layer/work"
cp "$host/resolv.conf" "$host/hosts" "$layer/etc"
if [ -n "$ca" ]; then cp "$ca" "$layer/etc/ssl/certs/ca-certificates.crt"; fi
mount -t overlay -o "lowerdir=/etc,upperdir=$layer/etc,workdir=$layer/work" localcloud-etc /etc
exec "$@"
"""


def enter(name: str, command: Sequence[str], ca_bundle: Path | None) -> list[str]:
    """The argv that runs `command` on the host `name`, from anywhere inside the cloud.

    It has the host's network, resolv.conf and hosts file, and trusts the CAs of `ca_bundle` (PEM,
    absolute), if given. `ip netns exec` is not used, since it would hide the cgroups in /sys.
    """
    host, ca = HOSTS / name, str(ca_bundle) if ca_bundle else ""
    return [
        "nsenter", f"--net={path(name)}", "--", "unshare", "--mount", "--propagation=private",
        "--", "sh", "-c", _ENTER, "enter", str(host), ca, str(RUN / "etc"), *command,
    ]  # fmt: skip
