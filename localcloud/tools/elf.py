"""Which libraries a program is loaded with."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from .errors import ToolError

INTERPRETER = re.compile(rb"/lib[\w/.-]*/ld-linux[\w.-]*\.so\.\d")


def linked(program: Path, root: Path) -> dict[str, Path]:
    """The libraries below `root` that a program needs, its loader among them.

    Returns the file of each, by the path (without the leading slash) where the program looks for
    it; nothing for a static program. The machine's own libraries are used only if `root` is /.
    """
    interpreter = INTERPRETER.search(program.read_bytes())
    if interpreter is None:
        return {}
    asked = interpreter.group().decode().lstrip("/")
    loader = _loader(root, asked)
    folders = [path for top in ("lib", "usr/lib") for path in (root / top).glob("*-linux-gnu*")]
    command = (str(loader), "--library-path", ":".join(map(str, folders)), "--list", str(program))
    listing = subprocess.run(command, capture_output=True, text=True).stdout
    libraries = resolved(listing)
    if "not found" in listing or not libraries:
        raise ToolError(f"the libraries of {program.name} are not all below {root}: {listing}")
    return {asked: loader} | {path.relative_to(root).as_posix(): path for path in libraries}


def resolved(listing: str) -> list[Path]:
    """The paths that a loader's listing gives for the libraries."""
    return [Path(path) for path in re.findall(r"=> (/\S+) \(0x", listing)]


def _loader(root: Path, asked: str) -> Path:
    """The loader's file: its usual name may be a link that leads out of `root`."""
    name = Path(asked).name
    places = (*root.glob(f"lib/*/{name}"), *root.glob(f"usr/lib/*/{name}"), root / asked)
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise ToolError(f"no {name} below {root}: remove that folder, then run make tools")
    return found
