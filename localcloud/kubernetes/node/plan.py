"""What one node is made from, and where its files are, seen from outside and from inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.aws.eks.records import Taint

INSIDE = Path("/run/node")  # where a node sees its own folder
SOCKET = Path("/run/containerd/containerd.sock")
# What the Pod Identity agent is on AWS: the node, by the role of its instance.
AGENT_FOLDER = "agent"
AGENT_CREDENTIALS = "credentials"
RESOLV_CONF = Path("/run/hosts/resolv.conf")


@dataclass(frozen=True, kw_only=True)
class NodePlan:
    """One node. `name` is its private DNS name, `folder` its files, `hosts` its resolv.conf's."""

    cluster: str
    name: str
    instance_id: str
    private_ip: str
    zone: str
    pod_prefix: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    service_cidr: str
    api_url: str
    netns: Path
    folder: Path
    logs: Path
    hosts: Path
    cgroup: str


@dataclass(frozen=True)
class Features:
    """What the cluster's add-ons want on every node."""

    pod_network: bool = False
    service_proxy: bool = False
    pod_identity: bool = False
