"""The first process of a cloud: mounts its own /run, starts the cloud, reaps what is orphaned.

It is process 1 of the cloud's pid namespace, so the kernel ends everything else with it.
"""

import os
import subprocess
import sys

from localcloud.paths import HOSTS, NETNS, RUN

INHERITED = ("AWS_LISTENER", "HOST_NET", "TOLD")


def prepare() -> None:
    """A /run of the cloud's own, and the loopback of its backbone."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "run", "/run"], check=True)
    for folder in (RUN, NETNS, HOSTS):
        folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def reap_until(child: int) -> int:
    """Wait for every process that ends, until `child` does; returns its exit code."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def main() -> int:
    """Run the cloud whose folder is the argument."""
    prepare()
    files = [int(os.environ[f"LOCALCLOUD_{name}"]) for name in INHERITED]
    cloud = subprocess.Popen(
        [sys.executable, "-m", "localcloud.cloud", sys.argv[1]], pass_fds=files
    )
    for file in files:
        os.close(file)
    code = reap_until(cloud.pid)
    print(f"the process of the AWS API ended ({code}), the cloud with it", flush=True)
    return abs(code)


if __name__ == "__main__":
    sys.exit(main())
