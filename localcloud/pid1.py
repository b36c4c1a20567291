"""The first process of a cloud: mounts a /run, starts the cloud and reaps orphaned processes.

It is process 1 of the cloud's PID namespace, so when it ends the kernel kills all the others.
"""

import os
import subprocess
import sys

from localcloud.paths import HOSTS, NETNS, RUN

INHERITED = ("AWS_LISTENER", "MACHINE_NETNS", "READY")


def prepare() -> None:
    """Mount a /run of the cloud's own, and bring the loopback device up."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "run", "/run"], check=True)
    for folder in (RUN, NETNS, HOSTS):
        folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def reap_until(child: int) -> int:
    """Reap processes until `child` exits; returns its exit code."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def main() -> int:
    """Run the cloud whose folder is the argument."""
    prepare()
    fds = [int(os.environ[f"LOCALCLOUD_{name}"]) for name in INHERITED]
    cloud = subprocess.Popen([sys.executable, "-m", "localcloud.cloud", sys.argv[1]], pass_fds=fds)
    for fd in fds:
        os.close(fd)
    code = reap_until(cloud.pid)
    print(f"the process of the AWS API exited ({code}), and the cloud ended with it", flush=True)
    return abs(code)


if __name__ == "__main__":
    sys.exit(main())
