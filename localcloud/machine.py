"""Whether a cloud can run on this machine: `python3 -m localcloud.machine`, with any Python 3."""

import os
import platform
import shutil
import sys

from localcloud.errors import CloudError
from localcloud.paths import state_home

MINIMUM_DISK = 3 * 2**30  # bytes: etcd, containerd's layers twice, logs


def check_root() -> None:
    """Raise CloudError unless the system is Linux and the user is root."""
    if platform.system() != "Linux":
        raise CloudError(
            f"the local cloud runs on Linux, this is {platform.system()}: use a Linux machine"
            " (it may be a virtual machine), or the stacks dev and prod on AWS"
        )
    if os.geteuid() != 0:
        raise CloudError("this user is not root, and namespaces need root: run it again with sudo")


def check_machine() -> None:
    """Raise CloudError unless a cloud can run on this machine."""
    check_root()
    state_home().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(state_home()).free
    if free < MINIMUM_DISK:
        raise CloudError(
            f"{state_home()} has {free / 2**30:.1f} GiB free, a cloud needs"
            f" {MINIMUM_DISK / 2**30:.0f}: free some, or set XDG_STATE_HOME to another folder"
        )


def main() -> int:
    """Returns 0, or 1 after printing why a cloud cannot run here and what to do."""
    try:
        check_machine()
    except CloudError as error:
        print(f"localcloud: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
