"""The data of one node: its plan, the features that add-ons want, its programs and paths."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.aws.eks.snapshots import Taint

# Programs that containerd, the kubelet and kube-proxy find on their PATH.
FOUND_BY_NAME = ("containerd-shim-runc-v2", "runc", "nft", "mount")
SYSTEM_PATH = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
NODE_FOLDER = Path("/run/node")  # where a node's programs see the node's folder
CONTAINERD_SOCKET = Path("/run/containerd/containerd.sock")
# The Pod Identity agent calls AWS with the role of the node's instance.
AGENT_FOLDER = "agent"
AGENT_CREDENTIALS = "credentials"
RESOLV_CONF = Path("/run/hosts/resolv.conf")


@dataclass(frozen=True, kw_only=True)
class NodePlan:
    """One node.

    `name` is its private DNS name, `version` its Kubernetes version, `pod_prefix` the CIDR block of
    its pods; `folder` holds its files, `hosts` its resolv.conf and hosts file, `logs` the logs of
    the whole cloud.
    """

    cluster: str
    name: str
    version: str
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
    kube_proxy_version: str = ""  # of Kubernetes, such as 1.35; "" for no kube-proxy
    pod_identity: bool = False


@dataclass(frozen=True)
class Programs:
    """`binary` returns the path of a program, by its name and, for those of Kubernetes, a version;
    `cni` is the folder of the CNI plugins."""

    binary: Callable[..., Path]
    cni: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a node's processes: a PATH with the programs that they call."""
        folders = dict.fromkeys(str(self.binary(name).parent) for name in FOUND_BY_NAME)
        return {"PATH": ":".join([*folders, *SYSTEM_PATH])}
