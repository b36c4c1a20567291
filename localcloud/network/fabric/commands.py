"""The `ip` commands that change one fabric into another: pure functions."""

from localcloud.network.fabric.model import BACKBONE, BALANCER_PREFIX, AddressOrRoute, Fabric

# nginx may connect to targets with its clients' source addresses, so a load balancer's namespace
# accepts packets to any address. Its rules may be left from before a reset, hence the flush.
_ACCEPT_ANY_ADDRESS = (
    "rule flush",
    "rule add lookup main priority 32766",
    "rule add iif eth0 lookup 100 priority 100",
    "route replace local default dev lo table 100",
)


def surviving(have: Fabric, want: Fabric) -> frozenset[AddressOrRoute]:
    """The addresses and routes of `have` that remain after the links missing in `want` are deleted.

    A device that is created again with its old name has none.
    """
    ends = {end for link in have.links & want.links for end in link.ends}
    return frozenset(
        each for each in have.addresses_and_routes
        if (each.netns, each.device) in ends or each.device == "lo"
    )  # fmt: skip


def commands(netns: str, have: Fabric, want: Fabric) -> list[str]:
    """The lines for `ip -batch` in one namespace: backbone first, then routers, then hosts, since a
    veth is created and deleted from its end in the backbone or router.
    """
    before = {each for each in surviving(have, want) if each.netns == netns}
    after = {each for each in want.addresses_and_routes if each.netns == netns}
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
        *(_ACCEPT_ANY_ADDRESS
          if netns.startswith(BALANCER_PREFIX) and netns in new_namespaces(have, want) else ()),
    ]  # fmt: skip


def new_namespaces(have: Fabric, want: Fabric) -> set[str]:
    """The namespaces of `want` that are new, or that `apply.reset` found and emptied."""
    # Every host has files and every router a ruleset; in what `reset` returns, none has any.
    known = {*have.files, *have.rulesets}
    return {BACKBONE, *want.namespaces} - known


def _new_devices(netns: str, have: Fabric, want: Fabric) -> list[str]:
    devices = sorted(
        device for link in want.links - have.links for at, device in link.ends if at == netns
    )
    return ["lo", *devices] if netns in new_namespaces(have, want) else devices


def _lines(kind: str, action: str, items: list[AddressOrRoute]) -> list[str]:
    return [
        f"{kind} {action} {item.text}{_device(item)}"
        for item in items if item.kind == kind
    ]  # fmt: skip


def _device(item: AddressOrRoute) -> str:
    return "" if item.text.startswith("blackhole ") else f" dev {item.device}"
