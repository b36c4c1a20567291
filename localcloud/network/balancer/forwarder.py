"""Keeps the rules of network load balancers in the routers of their VPCs."""

import os

from localcloud.network import netns
from localcloud.network.balancer import forwarding
from localcloud.network.fabric import apply


class Forwarder:
    """Knows which rules are in force: by load balancer the router, its inode, and the script.

    A router that is made anew has another inode, and none of the rules.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, tuple[str, int, str]] = {}

    def load(self, name: str, router: str, script: str) -> None:
        """Let these be a load balancer's rules. Raises FabricError, and then the old ones stay."""
        wanted = (router, os.stat(netns.path(router)).st_ino, script)
        if wanted != self._loaded.get(name):
            apply.load(router, script)
            self._loaded[name] = wanted

    def keep(self, names: set[str]) -> None:
        """Remove the rules of all other load balancers."""
        for name in self._loaded.keys() - names:
            router, inode, _ = self._loaded.pop(name)
            path = netns.path(router)
            if path.exists() and os.stat(path).st_ino == inode:
                apply.load(router, forwarding.removal(name))
