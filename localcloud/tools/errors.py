"""The one error of this package."""

from pathlib import Path


class ToolError(Exception):
    """A tool is missing or could not be made. The message is one line.

    log: the output of the command that failed, if there is one.
    """

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(" ".join(message.split()))
        self.log = log
