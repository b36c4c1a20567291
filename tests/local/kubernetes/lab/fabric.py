"""The smallest network that Kubernetes needs: one router, every host on a link of its own."""

import subprocess
from pathlib import Path

from localcloud.network.fabric.addresses import AWS_API, DNS
from localcloud.paths import HOSTS, NETNS

ROUTER = "router"
UPLINK = ("100.65.1.1", "100.65.1.2")


def ip(*args: str, netns: str | None = None) -> None:
    inside = ["-n", netns] if netns else []
    subprocess.run(["ip", *inside, *args], check=True)


def in_netns(netns: str, *args: str) -> None:
    subprocess.run(["nsenter", f"--net={NETNS / netns}", "--", *args], check=True)


class Fabric:
    """Hosts by name; `host` answers as the network reconciler does."""

    def __init__(self) -> None:
        for address in (DNS, AWS_API):
            ip("address", "add", f"{address}/32", "dev", "lo")
        self._namespace(ROUTER)
        ip("link", "add", "router", "type", "veth", "peer", "name", "backbone", "netns", ROUTER)
        self._link(None, "router", "100.64.1.1/30")
        self._link(ROUTER, "backbone", "100.64.1.2/30")
        ip("route", "add", "default", "via", "100.64.1.1", netns=ROUTER)
        for netns in (ROUTER, None):
            command = ["sysctl", "-qw", "net.ipv4.ip_forward=1"]
            in_netns(netns, *command) if netns else subprocess.run(command, check=True)
        ip("route", "add", "10.0.0.0/16", "via", "100.64.1.2")

    @staticmethod
    def _namespace(name: str) -> None:
        ip("netns", "add", name)
        ip("link", "set", "lo", "up", netns=name)

    @staticmethod
    def _link(netns: str | None, device: str, address: str) -> None:
        ip("address", "add", address, "dev", device, netns=netns)
        ip("link", "set", device, "up", netns=netns)

    def add(self, name: str, address: str, pods: str | None = None) -> None:
        """A host with an address, and a route to the pods behind it."""
        self._namespace(name)
        device = f"v{address.replace('.', '')}"
        ip("link", "add", device, "netns", ROUTER, "type", "veth",
           "peer", "name", "eth0", "netns", name)  # fmt: skip
        ip("link", "set", device, "up", netns=ROUTER)
        in_netns(ROUTER, "sysctl", "-qw", f"net.ipv4.conf.{device}.proxy_arp=1")
        self._link(name, "eth0", f"{address}/32")
        ip("route", "add", "169.254.0.1", "dev", "eth0", netns=name)
        ip("route", "add", "default", "via", "169.254.0.1", "dev", "eth0", netns=name)
        ip("route", "add", address, "dev", device, netns=ROUTER)
        if pods:
            ip("route", "add", pods, "via", address, "dev", device, "onlink", netns=ROUTER)
        folder = HOSTS / name
        folder.mkdir(parents=True)
        (folder / "resolv.conf").write_text(f"nameserver {DNS}\n")
        (folder / "hosts").write_text("127.0.0.1 localhost\n")

    def add_uplink(self, name: str) -> None:
        """The second interface of a control plane, to the backbone."""
        ip("link", "add", "uplink", "type", "veth", "peer", "name", "up0", "netns", name)
        self._link(None, "uplink", f"{UPLINK[0]}/30")
        self._link(name, "up0", f"{UPLINK[1]}/30")
        ip("route", "replace", "10.0.0.0/16", "via", "169.254.0.1", "dev", "eth0", netns=name)
        ip("route", "replace", "default", "via", UPLINK[0], netns=name)

    def host(self, name: str) -> Path | None:
        found = NETNS / name
        return found if found.exists() else None
