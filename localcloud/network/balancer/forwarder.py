"""Keeps the rules of network load balancers in the routers of their VPCs."""

import os
from dataclasses import dataclass

from localcloud.network import conntrack, netns
from localcloud.network.balancer import forwarding
from localcloud.network.fabric import apply


@dataclass(frozen=True)
class _Loaded:
    """A router that is made anew has another inode, and none of the rules."""

    router: str
    inode: int
    script: str


class Forwarder:
    """Knows, by load balancer, which rules are in force, and the marks of the flows it has ended
    because their targets are unhealthy."""

    def __init__(self) -> None:
        self._loaded: dict[str, _Loaded] = {}
        self._ended: dict[str, frozenset[int]] = {}

    def load(self, name: str, router: str, script: str, unhealthy: frozenset[int]) -> None:
        """Let these be a load balancer's rules, and end the flows to unhealthy targets.

        Raises FabricError, and then the old rules stay, or OSError.
        """
        path = netns.path(router)
        wanted = _Loaded(router, os.stat(path).st_ino, script)
        if wanted != self._loaded.get(name):
            apply.load(router, script)
            self._loaded[name] = wanted
        if new := unhealthy - self._ended.get(name, frozenset()):
            conntrack.end(path, set(new))
        self._ended[name] = unhealthy

    def keep(self, names: set[str]) -> None:
        """Remove the rules of all other load balancers."""
        for name in self._loaded.keys() - names:
            loaded = self._loaded.pop(name)
            self._ended.pop(name, None)
            path = netns.path(loaded.router)
            if path.exists() and os.stat(path).st_ino == loaded.inode:
                apply.load(loaded.router, forwarding.removal(name))
