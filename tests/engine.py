"""The real Pulumi engine, on a project of a test's own."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TIMEOUT = 240.0  # seconds for a command


class Project:
    """A project in a folder, with one stack of the same name.

    Args:
        environment: the engine's, which says where its plugins, its state and AWS are.
    """

    def __init__(self, folder: Path, name: str, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._environment = environment
        (folder / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n")
        self.pulumi("stack", "init", name)

    def program(self, text: str) -> None:
        """What the stack is from now on."""
        (self.folder / "__main__.py").write_text(text)

    def start(self, *args: str, **more: str) -> subprocess.Popen[str]:
        """Start a command, with `more` in its environment."""
        return subprocess.Popen(
            ["pulumi", "--non-interactive", "--color", "never", *args],
            cwd=self.folder, env={**self._environment, **more}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def pulumi(self, *args: str, fails: bool = False, **more: str) -> str:
        """What a command prints; asserts that it succeeds, or fails."""
        with self.start(*args, **more) as process:
            said, _ = process.communicate(timeout=TIMEOUT)
        assert bool(process.returncode) == fails, said
        return said

    def up(self, *args: str, fails: bool = False, **more: str) -> str:
        return self.pulumi("up", "--yes", "--skip-preview", *args, fails=fails, **more)

    def destroy(self) -> str:
        return self.pulumi("destroy", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        return dict(json.loads(self.pulumi("stack", "output", "--json")))

    def resources(self, type_: str = "") -> list[dict[str, Any]]:
        """The state's resources, or those of a type; secrets are as the state has them."""
        deployment = json.loads(self.pulumi("stack", "export"))["deployment"]
        return [each for each in deployment.get("resources", []) if type_ in ("", each["type"])]
