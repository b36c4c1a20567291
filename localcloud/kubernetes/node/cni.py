"""The pod network of a node, as with the add-on vpc-cni: each pod has an address of the VPC."""

import ipaddress
from typing import Any

from localcloud.kubernetes.node.plan import NODE_FOLDER

FILE = "10-aws.conflist"
# Addresses that no pod gets: the first, the last, and the one that the plugin ptp uses as gateway.
RESERVED = 3


def address_count(pod_prefix: str) -> int:
    """The number of pods that can have an address."""
    return ipaddress.ip_network(pod_prefix).num_addresses - RESERVED


def config(pod_prefix: str) -> dict[str, Any]:
    """The CNI configuration list: one veth per pod, its address from the prefix, no NAT."""
    ipam = {
        "type": "host-local",
        "dataDir": str(NODE_FOLDER / "addresses"),
        "ranges": [[{"subnet": pod_prefix}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    return {
        "cniVersion": "0.4.0",
        "name": "aws-cni",
        "plugins": [{"type": "ptp", "ipMasq": False, "ipam": ipam}],
    }
