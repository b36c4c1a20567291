"""`python -m localcloud.tools`: make the missing tools and show each long step."""

from __future__ import annotations

import argparse
import signal
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from . import ToolError, ensure, gobuilds
from .progress import WIDTH

TAIL = 15


def tail(log: Path) -> list[str]:
    """The last lines of a log, indented, cut to the screen's width."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return [f"  {line}"[:WIDTH] for line in lines[-TAIL:]]


def report(error: ToolError) -> None:
    """Print an error, and the end of its log, to stderr."""
    print(
        textwrap.fill(str(error), WIDTH, break_long_words=False, break_on_hyphens=False),
        file=sys.stderr,
    )
    if error.log is not None:
        print("\n".join((*tail(error.log), f"full log: {error.log}")), file=sys.stderr)


def terminate(_number: int, _frame: FrameType | None) -> None:
    """Treat SIGTERM like Ctrl-C."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when all tools are ready, 1 if one failed, 130 after an interrupt."""
    signal.signal(signal.SIGTERM, terminate)
    parser = argparse.ArgumentParser(prog="python -m localcloud.tools", description=__doc__)
    parser.add_argument(
        "--kubernetes", default="", choices=sorted(gobuilds.ON_REQUEST),
        help="also build this Kubernetes version, 7 minutes",
    )  # fmt: skip
    try:
        ensure(kubernetes=parser.parse_args(arguments).kubernetes)
    except ToolError as error:
        report(error)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept", file=sys.stderr)
        return 130
    print("all tools are ready")
    return 0


if __name__ == "__main__":
    # A pipe or a log, too, shows each step when it begins.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text stream here
    sys.exit(main())
