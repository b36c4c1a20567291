"""Debian packages; those with daemons are unpacked instead of installed.

Installing containerd or nginx would start services on the machine, so these are downloaded and
unpacked into the cache. Utilities and libraries are installed.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from .apt import Apt, Stanza
from .cache import digest, making, point
from .errors import ToolError
from .packages import CERTIFICATES, UTILITIES, Packages, missing_utilities
from .progress import Progress

UNPACKED = ("containerd", "runc", "containernetworking-plugins", "nginx", "nginx-common",
            "libnginx-mod-stream", "libnginx-mod-http-ndk", "libnginx-mod-http-lua",
            "lua-resty-core", "lua-resty-lrucache", "busybox-static")  # fmt: skip
RECORD = "packages.json"


def present() -> bool:
    """Whether this system is Debian or a derivative."""
    return shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None


def libraries(packages: Iterable[Stanza]) -> list[str]:
    """The names of the library packages that these packages depend on."""
    depends = ",".join(package.get("Depends", "") for package in packages).split(",")
    names = {dependency.split("|")[0].strip().partition(" ")[0] for dependency in depends}
    return sorted(name for name in names if re.match(r"lib(?!nginx)|zlib", name))


def key(versions: dict[str, str]) -> str:
    """The key of a set of unpacked packages: their exact versions."""
    return digest((platform.machine(), *(f"{name}={versions[name]}" for name in sorted(versions))))


def pointer(cache: Path) -> Path:
    """The link to the unpacked packages: one per release of the system and list of packages."""
    release = platform.freedesktop_os_release()
    name = f"packages-{release['ID']}-{release.get('VERSION_ID', 'testing')}"
    return cache / f"{name}-{digest(UNPACKED)}"


def find(cache: Path) -> Packages | None:
    """The unpacked packages, if they have been fetched.

    They are never updated: to fetch newer ones, delete the link and make the tools again.
    """
    link = pointer(cache)
    if not link.exists():
        return None
    record = json.loads((link / RECORD).read_text())
    return Packages(link.resolve(), link.readlink().name, upstream(record["versions"]["nginx"]))


def upstream(version: str) -> str:
    """The upstream part of a Debian version: 1.22.1 of 1.22.1-9+deb12u11."""
    return re.split(r"[-+~]", version.rpartition(":")[2])[0]


def installed(names: Sequence[str]) -> set[str]:
    """Which of the packages are installed."""
    command = ("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names)
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0] for line in lines if line.endswith(" installed")}


def missing_on_machine(packages: Packages) -> list[str]:
    """The packages that the unpacked programs and the utilities need and this machine lacks."""
    wanted = json.loads((packages.root / RECORD).read_text())["libraries"]
    names = {UTILITIES[name] for name in missing_utilities()} | (set(wanted) - installed(wanted))
    return sorted(names | (set() if CERTIFICATES.exists() else {"ca-certificates"}))


def ensure(cache: Path, apt: Apt, progress: Progress) -> Packages:
    """The unpacked packages, fetched if necessary; installs the packages that they need."""
    found = find(cache)
    if found is None:
        with progress.step("fetching containerd, runc, CNI plugins, nginx with Lua, and busybox"):
            _fetch(cache, apt)
        found = find(cache)
        assert found is not None
    missing = missing_on_machine(found)
    if missing:
        apt.install(missing)
    return found


def _fetch(cache: Path, apt: Apt) -> None:
    own = apt.show(UNPACKED)
    needed = libraries(own.values())
    # nginx's libraries are for its image; their versions are part of the key.
    linked = apt.show(libraries([own["nginx"]]))
    versions = {name: fields["Version"] for name, fields in (own | linked).items()}
    entry = cache / f"debian-{key(versions)}"
    if not entry.exists():
        with making(entry) as folder:
            _unpack(versions, folder, apt)
            record = {"versions": versions, "libraries": needed}
            (folder / RECORD).write_text(json.dumps(record, indent=1))
            lacking = Packages(folder, "", "").missing()
            if lacking:
                raise ToolError(f"this release's packages lack {', '.join(lacking)}: use Debian 12")
    point(pointer(cache), entry.name)


def _unpack(versions: dict[str, str], folder: Path, apt: Apt) -> None:
    archives = folder / "archives"
    archives.mkdir()
    apt.download(versions, archives)
    for archive in sorted(archives.glob("*.deb")):
        command = ("dpkg-deb", "-x", str(archive), str(folder))
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise ToolError(f"unpacking {archive.name} failed: {done.stderr}")
    shutil.rmtree(archives)
