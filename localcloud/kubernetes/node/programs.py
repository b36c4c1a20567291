"""Where the programs of nodes come from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOUND_BY_NAME = ("containerd-shim-runc-v2", "runc", "nft", "mount")
SYSTEM = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")


@dataclass(frozen=True)
class Programs:
    """`binary` finds a program, `cni` is the folder of the CNI plugins."""

    binary: Callable[[str], Path]
    cni: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a node's programs run with: the PATH on which they find each other."""
        folders = dict.fromkeys(str(self.binary(name).parent) for name in FOUND_BY_NAME)
        return {"PATH": ":".join([*folders, *SYSTEM])}
