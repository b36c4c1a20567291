"""The foreign programs that these tests run."""

import os
from pathlib import Path

import pytest

from localcloud.tools import ToolError, find


class Programs:
    """The tools that the cloud uses; a test that needs one that is not built is skipped."""

    def __init__(self) -> None:
        try:
            self._tools = find()
        except ToolError as error:
            if "CI" in os.environ:
                raise
            pytest.skip(str(error))
        self.nginx_modules: Path = self._tools.nginx_modules

    def binary(self, name: str) -> Path:
        return self._tools.binary(name)
