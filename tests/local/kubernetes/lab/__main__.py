"""The first process of the lab, and its child: a reconciler that obeys lines of JSON.

A line is [method of Lab, arguments...]; the answer is a line of JSON: {"result": ...} or
{"error": ...}.
"""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from localcloud.pid1 import prepare, reap_until
from tests.local.kubernetes.lab.site import Lab

MODULE = "tests.local.kubernetes.lab"
INSIDE = "inside"


def serve(name: str, host_net: str) -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    lab = Lab(name, Path(host_net))
    print(json.dumps({"result": "ready"}), flush=True)
    for line in sys.stdin:
        method, *args = json.loads(line)
        try:
            answer: dict[str, Any] = {"result": getattr(lab, method)(*args)}
        except Exception as error:  # whatever it is, the test must see it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def main() -> None:
    name, host_net = sys.argv[1:3]
    if len(sys.argv) > 3:
        serve(name, host_net)
        return
    prepare()
    command = [sys.executable, "-m", MODULE, name, host_net, INSIDE]
    child = subprocess.Popen(command, pass_fds=[int(host_net.rpartition("/")[2])])
    os.close(0)
    sys.exit(abs(reap_until(child.pid)))


main()
