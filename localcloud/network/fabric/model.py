"""Namespaces, veths, addresses, routes and rulesets as values that can be compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

BACKBONE = ""  # the cloud's own root network namespace, which has no name


@dataclass(frozen=True, order=True)
class Link:
    """A veth between `device` in `netns` (backbone or router) and `peer_device` in `peer`."""

    netns: str
    device: str
    peer: str
    peer_device: str

    @property
    def ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Namespace and device of both ends."""
        return (self.netns, self.device), (self.peer, self.peer_device)


@dataclass(frozen=True, order=True)
class Setting:
    """An address or a route on `device` in `netns`; `text` is what `ip` calls it, without it."""

    netns: str
    device: str
    kind: Literal["address", "route"]
    text: str


@dataclass(frozen=True)
class Fabric:
    """All that is there, or should be.

    `rulesets` are nftables scripts and `files` the contents of resolv.conf and hosts, both by
    namespace; only the backbone and the namespaces of `forwarding` pass packets on.
    """

    namespaces: frozenset[str] = frozenset()
    links: frozenset[Link] = frozenset()
    settings: frozenset[Setting] = frozenset()
    forwarding: frozenset[str] = frozenset()
    rulesets: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
