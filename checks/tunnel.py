"""Opens the tunnel to a private Kubernetes API, unless it is open already."""

import json
import os
import re
import shlex
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from checks.portforward import running

TIMEOUT = 30.0  # seconds for a session to start
LOCAL_PORT = re.compile(r"\blocalPortNumber=(\d+)")
WAITING = re.compile("Waiting for connections")


@contextmanager
def open_tunnel(command: str, kubeconfig: str) -> Iterator[None]:
    """Run `command`, which opens a tunnel, until the `with` block ends.

    It is not run if the kubeconfig (JSON) does not use the tunnel's port, or if that port is open
    already. FailedProbe if the session does not start, CannotRun if there is no AWS CLI.
    """
    found = LOCAL_PORT.search(command)
    servers = [each["cluster"]["server"] for each in json.loads(kubeconfig)["clusters"]]
    if found and f"https://127.0.0.1:{found[1]}" in servers and not _is_open(int(found[1])):
        with running(shlex.split(command), os.environ, WAITING, TIMEOUT):
            yield
    else:
        yield


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True
