"""The pods' network of a node, as the add-on vpc-cni gives it: an address of the VPC each."""

import ipaddress
from typing import Any

from localcloud.kubernetes.node.plan import INSIDE

FILE = "10-aws.conflist"
# ptp wants its gateway inside the subnet, and a pod cannot have the first or last address.
RESERVED = 3


def addresses(pod_prefix: str) -> int:
    """How many pods get an address."""
    return ipaddress.ip_network(pod_prefix).num_addresses - RESERVED


def config(pod_prefix: str) -> dict[str, Any]:
    """The CNI configuration list: a veth a pod, its address from the prefix, no NAT."""
    ipam = {
        "type": "host-local",
        "dataDir": str(INSIDE / "addresses"),
        "ranges": [[{"subnet": pod_prefix}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    return {
        "cniVersion": "0.4.0",
        "name": "aws-cni",
        "plugins": [{"type": "ptp", "ipMasq": False, "ipam": ipam}],
    }
