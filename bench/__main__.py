"""Time the local stack: `python -m bench [RUNS]` on a cloud of its own."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from bench.memory import Peak

CLOUD = "bench"
ENVIRONMENT = {**os.environ, "LOCALCLOUD": CLOUD}
UP = "pulumi up --yes --stack local"
UP_FLAGS = {"pulumi up without changes": "--skip-preview", "  with its preview": ""}
IN_CLOUD = 'eval "$(.venv/bin/python -m localcloud env)"'


def run(command: str) -> float:
    """Seconds that a shell command takes; what it prints is shown only when it fails."""
    begun = time.monotonic()
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"bench: {command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return time.monotonic() - begun


def row(name: str, unit: str, values: Sequence[float]) -> None:
    """Minimum, median and maximum of one figure."""
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"{name:<38} {low:7.1f} {middle:7.1f} {high:7.1f} {unit}", flush=True)


def from_nothing() -> list[float]:
    """Seconds of cloud up, pulumi up and checks, in this order, beginning without a cloud."""
    run("make down")
    return [run(f"make {target}") for target in ("cloud", "deploy", "check")]


def main(runs: int) -> None:
    """Print every figure, over `runs` runs unless it is measured once (destroy, memory)."""
    print(f"{runs} runs on {os.cpu_count()} cores{'':<20} {'min':>7} {'median':>7} {'max':>7}")
    with Peak().watching() as peak:
        steps = [from_nothing() for _ in range(runs)]
        for name, values in zip(
            ("cloud up", "pulumi up", "checks"), list(zip(*steps, strict=True)), strict=True
        ):
            row(f"  {name}", "s", values)
        row("no cloud to green checks", "s", [sum(step) for step in steps])
        for name, flag in UP_FLAGS.items():
            row(name, "s", [run(f"{IN_CLOUD}; {UP} {flag}") for _ in range(runs)])
        row("pulumi destroy", "s", [run("make destroy")])
    row("peak memory, all new processes", "GiB", [peak.bytes / 2**30])
    row("make unit", "s", [run("make unit") for _ in range(runs)])
    run("make down")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
