"""Snapshots and plans as the reconciler would meet them."""

from pathlib import Path

from localcloud.aws.eks import snapshots
from localcloud.aws.eks.snapshots import AccessEntry, Addon, Cluster, Node, Nodegroup, Taint
from localcloud.kubernetes.components import ControlPlanePlan
from localcloud.kubernetes.node.labels import labels_of
from localcloud.kubernetes.node.plan import NodePlan

NODE = Node(
    instance_id="i-0123456789abcdef0", dns_name="ip-10-0-1-10.eu-west-1.compute.internal",
    private_ip="10.0.1.10", zone="eu-west-1a", pod_prefix="10.0.1.16/28", version="1.35",
    image="ami-1",
)  # fmt: skip
TAINTS = (Taint("only", "us", "NO_SCHEDULE"),)
GROUP = Nodegroup("workers", "CREATING", "ON_DEMAND", {"team": "a"}, TAINTS, (NODE,))
CONTROL_PLANE = ControlPlanePlan(
    cluster="demo", folder=Path("/state/demo"), advertise_address="10.0.1.4",
    service_cidr="172.20.0.0/16", issuer="https://issuer/id/X",
)  # fmt: skip


def cluster(
    *addons: Addon, bootstrap: bool = False, entries: tuple[AccessEntry, ...] = ()
) -> Cluster:
    return Cluster(
        name="demo", status="ACTIVE", version="1.35", region="eu-west-1", arn="arn:demo",
        service_cidr="172.20.0.0/16", issuer="https://issuer/id/X", service_account_key="key",
        host="eks-demo", private_ips=("10.0.1.4", "10.0.2.4"), vpc_cidrs=("10.0.0.0/16",),
        public_access=True, public_cidrs=("0.0.0.0/0",),
        bootstrap_addons=bootstrap, endpoint="",
        certificate_authority="", nodegroups=(GROUP,), addons=addons, access_entries=entries,
    )  # fmt: skip


def entry(policy: str, *namespaces: str) -> AccessEntry:
    """Someone with one policy."""
    return AccessEntry(
        "arn:x", "someone", (), (snapshots.AccessPolicy(policy, namespaces),), "STANDARD"
    )


def plan() -> NodePlan:
    return NodePlan(
        cluster="demo", name=NODE.dns_name, version="1.35", instance_id=NODE.instance_id,
        private_ip=NODE.private_ip, zone=NODE.zone, pod_prefix=NODE.pod_prefix,
        labels=labels_of(GROUP, NODE), taints=GROUP.taints, service_cidr="172.20.0.0/16",
        api_url="https://10.0.1.4", netns=Path("/run/netns/i-0"), folder=Path("/state/node"),
        logs=Path("/state/logs"), hosts=Path("/run/hosts/i-0"), cgroup="cloud/demo/i-0",
    )  # fmt: skip
