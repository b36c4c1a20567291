"""`python -m localcloud.tools`: make what is missing, showing each long step."""

from __future__ import annotations

import signal
import sys
import textwrap
from pathlib import Path
from types import FrameType

from . import ToolError, ensure
from .progress import WIDTH

TAIL = 15


def tail(log: Path) -> list[str]:
    """The last lines of a log, indented, cut to the screen's width."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return [f"  {line}"[:WIDTH] for line in lines[-TAIL:]]


def report(error: ToolError) -> None:
    """Say on the error stream what failed, and show how its log ends."""
    print(
        textwrap.fill(str(error), WIDTH, break_long_words=False, break_on_hyphens=False),
        file=sys.stderr,
    )
    if error.log is not None:
        print("\n".join((*tail(error.log), f"full log: {error.log}")), file=sys.stderr)


def terminate(_number: int, _frame: FrameType | None) -> None:
    """Let a TERM end the builds as Ctrl-C does."""
    raise KeyboardInterrupt


def main() -> int:
    """0: all tools are there. 1: one failed. 130: interrupted."""
    signal.signal(signal.SIGTERM, terminate)
    try:
        ensure()
    except ToolError as error:
        report(error)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept", file=sys.stderr)
        return 130
    print("all tools are there")
    return 0


if __name__ == "__main__":
    # Into a pipe or a log, too, a step is shown when it begins.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text stream here
    sys.exit(main())
