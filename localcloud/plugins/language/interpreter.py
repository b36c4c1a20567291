"""The Python interpreter that runs a program, by the runtime options in its Pulumi.yaml."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.plugins.provider import PluginError


@dataclass(frozen=True)
class Interpreter:
    """A Python and the environment variables that go with it."""

    path: str
    environment: dict[str, str]


def choose(root: str, options: Mapping[str, Any]) -> Interpreter:
    """The interpreter of `virtualenv` (relative to the project), or this one without it.

    Raises PluginError for a virtualenv that does not exist and for unsupported options.
    """
    for name, value in options.items():
        accepted = name == "virtualenv" or (name, value) in {
            ("toolchain", "pip"),
            ("typechecker", "none"),
        }
        if not accepted:
            raise PluginError(f"the runtime option {name}: {value} is not supported here")
    virtualenv = options.get("virtualenv")
    if not virtualenv:
        return Interpreter(sys.executable, dict(os.environ))
    folder = Path(root, str(virtualenv))
    python = folder / "bin" / "python"
    if not python.exists():
        raise PluginError(
            f'the "virtualenv" option in Pulumi.yaml is {virtualenv}, but {python} does not exist:'
            f" run python3 -m venv {folder} && {python} -m pip install -r requirements.txt"
        )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONHOME"}
    environment["VIRTUAL_ENV"] = str(folder)
    environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return Interpreter(str(python), environment)
