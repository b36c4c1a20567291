"""The foreign programs that these tests run."""

from pathlib import Path

from localcloud.tools import find


class Programs:
    """The tools that the cloud uses; a test that needs one that is not built fails."""

    def __init__(self) -> None:
        self._tools = find()
        self.nginx_modules: Path = self._tools.nginx_modules

    def binary(self, name: str) -> Path:
        return self._tools.binary(name)
