"""The `ip` commands that change one fabric into another: pure functions."""

from localcloud.network.fabric.model import BACKBONE, Fabric, Setting


def settled(have: Fabric, want: Fabric) -> frozenset[Setting]:
    """The settings of `have` that remain after the links that `want` lacks are deleted.

    A device that is created again under its old name has no settings.
    """
    ends = {end for link in have.links & want.links for end in link.ends}
    return frozenset(
        setting for setting in have.settings
        if (setting.netns, setting.device) in ends or setting.device == "lo"
    )  # fmt: skip


def commands(netns: str, have: Fabric, want: Fabric) -> list[str]:
    """The lines of an `ip -batch` run in one namespace, backbone first, then routers, then hosts.

    A veth is created and deleted at the end of the backbone or router, never at that of the host.
    """
    before = {setting for setting in settled(have, want) if setting.netns == netns}
    after = {setting for setting in want.settings if setting.netns == netns}
    new = sorted(after - before)
    gone = sorted(before - after)
    return [
        *_lines("route", "del", gone),
        *_lines("address", "del", gone),
        *(f"link del dev {link.device}"
          for link in sorted(have.links - want.links) if link.netns == netns),
        *(f"link add dev {link.device} type veth peer name {link.peer_device} netns {link.peer}"
          for link in sorted(want.links - have.links) if link.netns == netns),
        *_lines("address", "add", new),
        *(f"link set dev {device} up" for device in _new_devices(netns, have, want)),
        *_lines("route", "add", new),
    ]  # fmt: skip


def unsettled(have: Fabric, want: Fabric) -> set[str]:
    """The namespaces of `want` that are new, or of which only the existence is known."""
    known = {*have.files, *have.rulesets}
    return {BACKBONE, *want.namespaces} - known


def _new_devices(netns: str, have: Fabric, want: Fabric) -> list[str]:
    devices = sorted(
        device for link in want.links - have.links for at, device in link.ends if at == netns
    )
    return ["lo", *devices] if netns in unsettled(have, want) else devices


def _lines(kind: str, action: str, settings: list[Setting]) -> list[str]:
    return [
        f"{kind} {action} {setting.text}{_device(setting)}"
        for setting in settings if setting.kind == kind
    ]  # fmt: skip


def _device(setting: Setting) -> str:
    return "" if setting.text.startswith("blackhole ") else f" dev {setting.device}"
