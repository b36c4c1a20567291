"""kube-proxy of a node, as the add-on kube-proxy configures it."""

import http.client
from pathlib import Path
from typing import Any

from localcloud.kubernetes.node.plan import NODE_FOLDER, NodePlan
from localcloud.network.netns import socket_in

HEALTH_PORT = 10256
CONFIG = "kube-proxy.json"
PROBE_TIMEOUT = 1.0  # seconds


def config(plan: NodePlan) -> dict[str, Any]:
    """The KubeProxyConfiguration.

    No cluster CIDR, as on EKS: pods have addresses of the VPC, so only connections to a NodePort
    change their source address.
    """
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(NODE_FOLDER / "kube-proxy.kubeconfig")},
        "hostnameOverride": plan.name,
        "healthzBindAddress": f"0.0.0.0:{HEALTH_PORT}",
        # The conntrack table belongs to the machine: leave its size alone.
        "conntrack": {"maxPerCore": 0},
        "nftables": {"minSyncPeriod": "100ms"},
    }


def command(kube_proxy: Path) -> list[str]:
    """The argv, with paths as the node sees them."""
    return [str(kube_proxy), f"--config={NODE_FOLDER / CONFIG}"]


def cleanup(kube_proxy: Path) -> list[str]:
    """The argv that removes its rules."""
    return [*command(kube_proxy), "--cleanup"]


class _Probe(http.client.HTTPConnection):
    """HTTP to the loopback address of another network namespace."""

    def __init__(self, netns: Path) -> None:
        super().__init__("127.0.0.1", HEALTH_PORT, timeout=PROBE_TIMEOUT)
        self._netns = netns

    def connect(self) -> None:
        self.sock = socket_in(self._netns)
        self.sock.settimeout(PROBE_TIMEOUT)
        self.sock.connect((self.host, self.port))


def healthy(netns: Path) -> bool:
    """Whether the kube-proxy there has written its rules; raises OSError if it is not up."""
    probe = _Probe(netns)
    try:
        probe.request("GET", "/healthz")
        return probe.getresponse().status == 200
    except http.client.HTTPException:
        return False
    finally:
        probe.close()
