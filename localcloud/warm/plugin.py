"""What the engine starts as a plugin: `python -P plugin.py CLOUD NAME ...`, run by path.

The plugin runs as a fork of a keeper; this process stands for it towards the engine: it passes
signals on and exits with its status.
"""

import os
import runpy
import select
import signal
import sys

LOCALCLOUD = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHECKOUT = os.path.dirname(LOCALCLOUD)
PRELOAD = os.path.join(LOCALCLOUD, "plugins", "preload.py")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Run the plugin, forked if that can be had."""
    sys.path.insert(0, CHECKOUT)
    from localcloud.warm.client import CLOUD, Keeper, NoKeeper, Script

    cloud, name, *args = sys.argv[1:]
    main_file = os.path.join(LOCALCLOUD, "plugins", name, "__main__.py")
    # The components of eks need the whole SDK, as programs do.
    preload = None if name == "eks" else PRELOAD
    engine = os.pidfd_open(os.getppid())
    os.environ[CLOUD] = cloud
    sys.argv = [main_file, *args]
    script = Script(sys.argv, os.getcwd(), os.environ, [CHECKOUT])
    try:
        fork = Keeper(cloud, sys.executable, preload).run(script)
    except NoKeeper:
        runpy.run_path(main_file, run_name="__main__")
        return
    for number in SIGNALS:
        signal.signal(number, lambda number, _: fork.send_signal(number))
    # An engine that was killed cannot end its plugins; this one's fork ends with it.
    ready, _, _ = select.select([fork.fileno(), engine], [], [])
    status = fork.wait() if fork.fileno() in ready else 0
    os._exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
