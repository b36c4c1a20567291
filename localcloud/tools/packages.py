"""Programs and data of the Linux distribution."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .cache import digest
from .errors import ToolError

PROGRAM_FOLDERS = ("usr/sbin", "usr/bin", "sbin", "bin")
PROGRAMS = ("containerd", "containerd-shim-runc-v2", "ctr", "runc", "nginx", "busybox")
CNI_FOLDERS = ("usr/lib/cni", "opt/cni/bin", "usr/libexec/cni")
CNI_PLUGINS = ("ptp", "host-local", "loopback")
MODULE_FOLDERS = ("usr/lib/nginx/modules", "usr/lib64/nginx/modules", "usr/libexec/nginx/modules")
NGINX_MODULES = ("ngx_stream_module.so", "ndk_http_module.so", "ngx_http_lua_module.so")
LUA_FOLDER = "usr/share/lua/5.1"
# Utilities that the local cloud calls, with their Debian packages.
UTILITIES = {
    "nft": "nftables",
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "mount": "mount",
    "curl": "curl",  # for commands on instances, as AWS's images have it
}
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"


def which(name: str) -> Path | None:
    """An executable on PATH or in the system's folders, which a PATH may lack."""
    found = shutil.which(name) or shutil.which(name, path=SYSTEM_PATH)
    return Path(found) if found else None


def missing_utilities() -> list[str]:
    """The utilities that this machine lacks."""
    return [name for name in UTILITIES if which(name) is None]


@dataclass(frozen=True)
class Packages:
    """Unpacked packages below `root`, or the system's own (`root` is /).

    key: changes when they do. nginx_version: nginx's own, such as 1.22.1.
    """

    root: Path
    key: str
    nginx_version: str

    def program(self, name: str) -> Path | None:
        """An executable of these packages."""
        if self.root == Path("/"):
            return which(name)
        return self.first(f"{folder}/{name}" for folder in PROGRAM_FOLDERS)

    def first(self, candidates: Iterable[str]) -> Path | None:
        """The first of these paths below `root` that exists."""
        return next((path for name in candidates if (path := self.root / name).exists()), None)

    @property
    def cni(self) -> Path | None:
        """The folder of the CNI plugins."""
        plugin = self.first(f"{folder}/{CNI_PLUGINS[0]}" for folder in CNI_FOLDERS)
        return plugin.parent if plugin else None

    @property
    def nginx_modules(self) -> Path | None:
        """The folder of nginx's dynamic modules."""
        module = self.first(f"{folder}/{NGINX_MODULES[0]}" for folder in MODULE_FOLDERS)
        return module.parent if module else None

    @property
    def lua(self) -> Path:
        """The folder of the Lua libraries of nginx's Lua module."""
        return self.root / LUA_FOLDER

    def missing(self) -> list[str]:
        """The programs, CNI plugins and nginx modules that these packages lack."""
        lacking = [name for name in PROGRAMS if self.program(name) is None]
        for what, folder, names in (
            ("CNI plugin ", self.cni, CNI_PLUGINS),
            ("nginx's ", self.nginx_modules, NGINX_MODULES),
            ("Lua library ", self.lua, ("resty/core.lua", "resty/lrucache.lua")),
        ):
            lacking += [what + name for name in names if not (folder and (folder / name).exists())]
        return lacking


def system() -> Packages:
    """The installed programs of a machine without apt. Raises ToolError if some are missing."""
    found = Packages(Path("/"), "", "")
    lacking = [*found.missing(), *missing_utilities()]
    if lacking:
        raise ToolError(
            f"missing on this machine, which has no apt: {', '.join(lacking)}: install them"
        )
    version = subprocess.run(
        [str(found.program("nginx")), "-v"], capture_output=True, text=True
    ).stderr
    paths = [path for name in ("nginx", "busybox") if (path := found.program(name))]
    state = (f"{path} {os.stat(path).st_mtime_ns} {os.stat(path).st_size}" for path in paths)
    return Packages(Path("/"), digest(state), version.strip().rpartition("/")[2].split(" ")[0])
