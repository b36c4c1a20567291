"""Keeps the rules of network load balancers in the routers of their VPCs."""

import os
from dataclasses import dataclass

from localcloud.network import conntrack, netns
from localcloud.network.balancer import flows, forwarding
from localcloud.network.balancer.flows import Flows
from localcloud.network.fabric import apply


@dataclass(frozen=True)
class _Loaded:
    """A router that is made anew has another inode, and none of the rules."""

    router: str
    inode: int
    script: str


class Forwarder:
    """Knows, by load balancer, which rules are in force, and which flows may go on."""

    def __init__(self) -> None:
        self._loaded: dict[str, _Loaded] = {}
        self._flows: dict[str, Flows] = {}

    def load(self, name: str, router: str, script: str, now: Flows) -> None:
        """Let these be a load balancer's rules, and end the flows that are to end now.

        Raises FabricError, and then the old rules stay, or OSError.
        """
        path = netns.path(router)
        wanted = _Loaded(router, os.stat(path).st_ino, script)
        if wanted != self._loaded.get(name):
            apply.load(router, script)
            self._loaded[name] = wanted
        if over := flows.to_end(self._flows.get(name, Flows()), now):
            conntrack.end(path, over)
        self._flows[name] = now

    def keep(self, names: set[str]) -> None:
        """Remove the rules of all other load balancers."""
        for name in self._loaded.keys() - names:
            loaded = self._loaded.pop(name)
            self._flows.pop(name, None)
            path = netns.path(loaded.router)
            if path.exists() and os.stat(path).st_ino == loaded.inode:
                apply.load(loaded.router, forwarding.removal(name))
