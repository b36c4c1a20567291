"""A Pulumi project of a test's own, run on a cloud by its engine and plugins."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cloud.conftest import Cloud


class Project:
    """A project in a folder, with one stack of the same name."""

    def __init__(self, cloud: Cloud, folder: Path, name: str) -> None:
        self.cloud = cloud
        self.folder = folder
        self._command = ["pulumi", "--non-interactive", "--color", "never", "--cwd", str(folder)]
        (folder / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n")
        self.pulumi("stack", "init", name)

    def program(self, text: str) -> None:
        """What the stack is from now on."""
        (self.folder / "__main__.py").write_text(text)

    def pulumi(self, *args: str, fails: bool = False) -> str:
        """What a command prints; asserts that it succeeds, or fails."""
        done = self.cloud.run([*self._command, *args], check=False)
        said = done.stdout + done.stderr
        assert bool(done.returncode) == fails, said
        return said

    def up(self, *args: str, fails: bool = False) -> str:
        return self.pulumi("up", "--yes", "--skip-preview", *args, fails=fails)

    def begin(self, *args: str, **environment: str) -> subprocess.Popen[bytes]:
        """Begin a command of the engine."""
        return subprocess.Popen(
            [*self._command, *args], env={**self.cloud.environment, **environment},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def killed_up(self, once: Callable[[], bool]) -> None:
        """Begin an up, and kill its engine as soon as something is so."""
        with self.begin("up", "--yes", "--skip-preview") as engine:
            try:
                while not once():
                    assert engine.poll() is None, "it ended before"
            finally:
                engine.kill()
        self.pulumi("cancel", "--yes")

    def outputs(self) -> dict[str, Any]:
        return dict(json.loads(self.pulumi("stack", "output", "--json")))

    def state(self, type_: str) -> dict[str, Any]:
        """The only resource of a type in the state, secrets as the state has them."""
        deployment = json.loads(self.pulumi("stack", "export"))["deployment"]
        (found,) = [each for each in deployment["resources"] if each["type"] == type_]
        return dict(found)

    def remove(self) -> None:
        """Destroy what there is, and the stack."""
        self.pulumi("destroy", "--yes", "--skip-preview")
        self.pulumi("stack", "rm", "--yes")
