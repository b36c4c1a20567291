"""Namespaces, veths, addresses, routes and rulesets as values that can be compared."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

BACKBONE = ""  # the network namespace of the cloud's own processes, which has no name
# How the names of hosts begin: see localcloud.aws.snapshots.Interface.
CONTROL_PLANE_PREFIX = "eks-"
ENDPOINT_PREFIX = "vpce-"  # not a host: the router has rules for it
BALANCER_PREFIX = "elb-"  # application and network load balancers; classic ones have clb-


def device(host: str) -> str:
    """The name of the router's end of a host's veth; the kernel allows 15 characters."""
    return "h" + hashlib.sha256(host.encode()).hexdigest()[:12]


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
class AddressOrRoute:
    """An address or a route on `device` in `netns`; `text` is for `ip`, without the device."""

    netns: str
    device: str
    kind: Literal["address", "route"]
    text: str


@dataclass(frozen=True)
class Fabric:
    """The whole network, as it is or as it should be.

    `rulesets` are nftables scripts and `files` the contents of resolv.conf and hosts, both by
    namespace. `forwarding` are the namespaces that forward packets: the backbone and the routers.
    Nodes forward those of their pods, too (kubernetes/node/namespace.py).
    """

    namespaces: frozenset[str] = frozenset()
    links: frozenset[Link] = frozenset()
    addresses_and_routes: frozenset[AddressOrRoute] = frozenset()
    forwarding: frozenset[str] = frozenset()
    rulesets: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
