"""Applies a fabric with `ip`, `nft` and /proc, in as few processes as possible."""

import socket
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from localcloud.network import netns
from localcloud.network.fabric.commands import commands, new_namespaces
from localcloud.network.fabric.model import BACKBONE, Fabric
from localcloud.paths import HOSTS

WORKERS = 4
# Every new namespace has IPv4 only and does not forward, whatever the machine's settings. Routers
# drop forged source addresses (rp_filter 1, strict), and send no ICMP redirects, which would lead
# packets past their rules. Hosts have rp_filter 2, loose. The kernel applies the greater of the
# values of `all` and of the device, which gets that of `default` when it is created.
SYSCTLS = {
    "ipv4/ip_forward": "0",  # before the others, as it resets some of them
    "ipv6/conf/all/disable_ipv6": "1",
    "ipv6/conf/default/disable_ipv6": "1",
    "ipv4/conf/all/accept_redirects": "0",
}
HOST_SYSCTLS = {"ipv4/conf/all/rp_filter": "0", "ipv4/conf/default/rp_filter": "2"}
FORWARDING_SYSCTLS = {
    "ipv4/conf/all/rp_filter": "1",
    "ipv4/conf/default/rp_filter": "1",
    "ipv4/conf/all/send_redirects": "0",
    "ipv4/conf/default/send_redirects": "0",
}


class FabricError(RuntimeError):
    """`ip` or `nft` failed; the message has its output and input."""


def change_topology(have: Fabric, want: Fabric) -> None:
    """Create and remove namespaces, veths, addresses and routes. Raises FabricError, OSError.

    A new router does not forward packets until `load_ruleset`.
    """
    for name in sorted(want.files):
        if want.files[name] != have.files.get(name):
            _write_files(name, want)
    _batch(BACKBONE, [f"netns add {name}" for name in sorted(want.namespaces - have.namespaces)])
    hosts = want.namespaces - want.forwarding
    with ThreadPoolExecutor(WORKERS) as pool:
        # Sysctls first: a device gets the defaults of the moment of its creation.
        new = sorted(new_namespaces(have, want))
        list(pool.map(lambda name: _write_default_sysctls(name, want), new))
        for group in ((BACKBONE,), sorted(want.forwarding - {BACKBONE}), sorted(hosts)):
            list(pool.map(lambda name: _batch(name, commands(name, have, want)), group))
    for name in have.namespaces - want.namespaces:
        _remove_files(name)
    _batch(BACKBONE, [f"netns del {name}" for name in sorted(have.namespaces - want.namespaces)])


def load_ruleset(name: str, ruleset: str) -> None:
    """Replace the rules of a router atomically, and enable forwarding.

    Raises FabricError; then the old rules stay.
    """
    run_nft(name, ruleset)
    netns.run_in(_path(name), lambda: _write_sysctls({"ipv4/ip_forward": "1"}))


def run_nft(name: str, script: str) -> None:
    """Run an nftables script in a namespace, as one transaction. Raises FabricError."""
    _run(["nft", "-f", "-"], script, _path(name))


def reset(names: Sequence[str]) -> Fabric:
    """Delete the links, addresses and routes in these namespaces, which a failed change left.

    Returns the fabric that is left: the namespaces, without links.
    """
    existing = frozenset(name for name in names if netns.path(name).exists())
    routers = [BACKBONE, *(name for name in sorted(existing) if name.startswith("vpc-"))]
    for name in routers:
        devices = netns.run_in(_path(name), _devices)
        _batch(name, [f"link del dev {device}" for device in devices])
        _batch(name, ["address flush dev lo scope global", "route flush table main"])
    return Fabric(namespaces=existing)


def _path(name: str) -> Path | None:
    return netns.path(name) if name != BACKBONE else None


def _devices() -> list[str]:
    return [name for _, name in socket.if_nameindex() if name != "lo"]


def _write_default_sysctls(name: str, want: Fabric) -> None:
    values = SYSCTLS | (FORWARDING_SYSCTLS if name in want.forwarding else HOST_SYSCTLS)
    netns.run_in(_path(name), lambda: _write_sysctls(values))


def _write_sysctls(values: dict[str, str]) -> None:
    for key, value in values.items():
        file = Path("/proc/sys/net") / key
        if file.exists():  # a kernel may lack IPv6
            file.write_text(value)


def _batch(name: str, lines: Sequence[str]) -> None:
    if lines:
        where = ["-n", name] if name != BACKBONE else []
        _run(["ip", *where, "-batch", "-"], "\n".join(lines) + "\n", None)


def _run(argv: list[str], text: str, where: Path | None) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, input=text, text=True, capture_output=True)

    done = netns.run_in(where, run)
    if done.returncode:
        output = " ".join((done.stderr or done.stdout).split())
        raise FabricError(f"{' '.join(argv)}: {output}; its input was:\n{text}")


def _write_files(name: str, want: Fabric) -> None:
    folder = HOSTS / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in want.files[name].items():
        (folder / file).write_text(text)


def _remove_files(name: str) -> None:
    folder = HOSTS / name
    if folder.is_dir():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
