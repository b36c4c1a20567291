"""Loads the nftables tables of network load balancers into the routers of their VPCs."""

import os
from dataclasses import dataclass

from localcloud.network import conntrack, netns
from localcloud.network.balancer import network_load_balancer
from localcloud.network.fabric import apply


@dataclass(frozen=True)
class _Loaded:
    """A table in a router. A router that is created again has another inode, and no tables."""

    router: str
    inode: int
    script: str


class RouterTables:
    """Knows, by the host of each load balancer, the table in force, and the marks of the flows that
    were ended because their targets are unhealthy."""

    def __init__(self) -> None:
        self._loaded: dict[str, _Loaded] = {}
        self._ended: dict[str, frozenset[int]] = {}

    def load(self, name: str, router: str, script: str, unhealthy: frozenset[int]) -> None:
        """Load a load balancer's table, and end the flows with the marks `unhealthy`.

        Raises OSError, and FabricError; after the latter the old table stays.
        """
        path = netns.path(router)
        wanted = _Loaded(router, os.stat(path).st_ino, script)
        if wanted != self._loaded.get(name):
            apply.run_nft(router, script)
            self._loaded[name] = wanted
        if new := unhealthy - self._ended.get(name, frozenset()):
            conntrack.end(path, set(new))
        self._ended[name] = unhealthy

    def keep(self, names: set[str]) -> None:
        """Remove the tables of all other load balancers."""
        for name in self._loaded.keys() - names:
            loaded = self._loaded.pop(name)
            self._ended.pop(name, None)
            path = netns.path(loaded.router)
            if path.exists() and os.stat(path).st_ino == loaded.inode:
                apply.run_nft(loaded.router, network_load_balancer.removal(name))
