"""Network namespaces: doing something in one, and running a command on a host of the cloud.

A thread has a network namespace of its own, so a short-lived thread enters the other one: it
works beside a running event loop, and what it opened or started there stays there.
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
    """Where the namespace of a host or router is."""
    return NETNS / name


def run_in(netns: Path | None, function: Callable[[], T]) -> T:
    """The result of `function`, called in a network namespace (None: this process's own).

    Processes that it starts run there. Raises what it raises, and OSError when the namespace is
    not there or may not be entered.
    """
    if netns is None:
        return function()
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            _enter_netns(netns)
            results.append(function())
        except BaseException as error:  # handed to the caller, which is another thread
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
    netns: Path | None,
    family: int = socket.AF_INET,
    kind: int = socket.SOCK_STREAM,
) -> socket.socket:
    """A new socket that belongs to a network namespace (None: this process's own), for good."""
    return run_in(netns, lambda: socket.socket(family, kind))


# /etc is the machine's with the host's own files on top, in a mount namespace of the command's
# own. An overlay, not bind mounts on single files: those have nowhere to go where a file is
# missing or a symbolic link into nowhere, and a command that writes to /etc would write to the
# machine's. What it does write there is gone with it.
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


def enter(name: str, command: Sequence[str], cloud_ca: Path | None) -> list[str]:
    """The argv that runs `command` on the host `name`, from anywhere inside the cloud.

    It has the host's network, resolv.conf and hosts file; `cloud_ca` (PEM, absolute) becomes
    its bundle of trusted CAs. /sys stays what it is: `ip netns exec` would hide its cgroups.
    """
    host, ca = HOSTS / name, str(cloud_ca) if cloud_ca else ""
    return [
        "nsenter", f"--net={path(name)}", "--", "unshare", "--mount", "--propagation=private",
        "--", "sh", "-c", _ENTER, "enter", str(host), ca, str(RUN / "etc"), *command,
    ]  # fmt: skip
