"""Runs a script in a fork of a fork server: `command.py CLOUD NAMESPACE PRELOAD SCRIPT ...`.

It starts the engine's plugins and `aws eks get-token`. CLOUD is the cloud's folder. PRELOAD is the
script that the fork server runs when it starts (see server.py), or empty for none. This process
passes signals on to the fork and exits with its status.

A fork is in the network namespace of its server, and NAMESPACE is the one of `localcloud up`. A
caller in another one, such as a host of the cloud, gets a process of its own.
"""

import os
import runpy
import select
import signal
import sys

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Run the script, in a fork if possible."""
    sys.path.insert(0, CHECKOUT)
    from localcloud.forkserver.client import CLOUD_FOLDER, ForkServer, NoForkServer, Script
    from localcloud.process_table import network_namespace

    cloud, namespace, preload, *sys.argv = sys.argv[1:]  # the script gets its own
    if namespace != network_namespace():
        runpy.run_path(sys.argv[0], run_name="__main__")
        return
    engine = os.pidfd_open(os.getppid())
    os.environ[CLOUD_FOLDER] = cloud
    script = Script(sys.argv, os.getcwd(), os.environ, [CHECKOUT])
    try:
        fork = ForkServer(cloud, sys.executable, preload or None).run(script)
    except NoForkServer:
        runpy.run_path(sys.argv[0], run_name="__main__")
        return
    for number in SIGNALS:
        signal.signal(number, lambda number, _: fork.send_signal(number))
    # An engine that is killed cannot end its plugins: the fork ends when this process does.
    ready, _, _ = select.select([fork.fileno(), engine], [], [])
    status = fork.wait() if fork.fileno() in ready else 0
    os._exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
