"""The API server endpoint of a cluster, as `describe-cluster` returns it."""

from pathlib import Path

from localcloud.aws.eks.records import Cluster
from localcloud.kubernetes.components import API_PORT
from localcloud.network.forward import Forwarder
from localcloud.paths import NETNS, WORLD

LOOPBACK = "127.0.0.1"
WORLD_NETNS = NETNS / WORLD


class Endpoint:
    """A public endpoint is one port of 127.0.0.1, both on the machine and on the host `world`.

    A private endpoint is an address of the control plane in the VPC.
    """

    def __init__(self, forwarder: Forwarder, netns: Path) -> None:
        self._forwarder = forwarder
        self._netns = netns
        self._port: int | None = None

    def open(self, cluster: Cluster) -> str:
        """Make it public or private as the record says now; returns its URL."""
        if not cluster.public_access:
            self.close()
            return f"https://{cluster.private_ips[0]}"
        if self._port is None:
            target = (self._netns, LOOPBACK, API_PORT)
            self._port = self._forwarder.listen(None, 0, *target)
            self._forwarder.listen(WORLD_NETNS, self._port, *target)
        return f"https://{LOOPBACK}:{self._port}"

    def close(self) -> None:
        """Stop listening."""
        if self._port is not None:
            self._forwarder.stop(None, self._port)
            self._forwarder.stop(WORLD_NETNS, self._port)
            self._port = None
