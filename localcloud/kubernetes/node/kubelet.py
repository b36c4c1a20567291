"""The kubelet of a node: its configuration and command line."""

import ipaddress
from pathlib import Path
from typing import Any

from localcloud.kubernetes.node import cni
from localcloud.kubernetes.node.labels import taints_of
from localcloud.kubernetes.node.plan import CONTAINERD_SOCKET, NODE_FOLDER, RESOLV_CONF, NodePlan

CONFIG = "kubelet.json"
HOST_NETWORK_PODS = 2  # EKS adds them to the number of pod addresses
DNS_HOST = 10  # the offset of the DNS's address in the Services' CIDR block


def cluster_dns(service_cidr: str) -> str:
    """The address of the cluster's DNS, as EKS chooses it."""
    return str(ipaddress.ip_network(service_cidr)[DNS_HOST])


def max_pods(pod_prefix: str) -> int:
    """The number of pod addresses, and two pods on the host network."""
    return cni.address_count(pod_prefix) + HOST_NETWORK_PODS


def provider_id(zone: str, instance_id: str) -> str:
    """The provider ID of an instance, as the AWS cloud provider forms it."""
    return f"aws:///{zone}/{instance_id}"


def config(plan: NodePlan) -> dict[str, Any]:
    """The KubeletConfiguration."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(NODE_FOLDER / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(NODE_FOLDER / "kubelet.crt"),
        "tlsPrivateKeyFile": str(NODE_FOLDER / "kubelet.key"),
        "clusterDNS": [cluster_dns(plan.service_cidr)],
        "clusterDomain": "cluster.local",
        "resolvConf": str(RESOLV_CONF),
        "providerID": provider_id(plan.zone, plan.instance_id),
        "maxPods": max_pods(plan.pod_prefix),
        "registerWithTaints": taints_of(plan.taints),
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "podLogsDir": str(NODE_FOLDER / "pod-logs"),
        "volumePluginDir": str(NODE_FOLDER / "volume-plugins"),
        "serializeImagePulls": False,
        "readOnlyPort": 0,
        **_on_shared_machine(plan),
    }


def _on_shared_machine(plan: NodePlan) -> dict[str, Any]:
    """What sharing a machine, its kernel and its disk requires."""
    everything = ("memory.available", "nodefs.available", "nodefs.inodesFree",
                  "imagefs.available", "imagefs.inodesFree")  # fmt: skip
    return {
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{plan.cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        # The disk is shared, and a deleted image could not be pulled again.
        "evictionHard": dict.fromkeys(everything, "0%"),
        "imageGCHighThresholdPercent": 100,
        "localStorageCapacityIsolation": False,
        # CAP_SYS_RESOURCE may be missing.
        "featureGates": {"KubeletInUserNamespace": True},
        "makeIPTablesUtilChains": False,
    }


def command(plan: NodePlan, kubelet: Path) -> list[str]:
    """The argv, with paths as the node sees them."""
    labels = ",".join(f"{name}={value}" for name, value in sorted(plan.labels.items()))
    return [
        str(kubelet),
        f"--config={NODE_FOLDER / CONFIG}",
        f"--kubeconfig={NODE_FOLDER / 'kubelet.kubeconfig'}",
        f"--root-dir={NODE_FOLDER / 'kubelet'}",
        f"--hostname-override={plan.name}",
        f"--node-ip={plan.private_ip}",
        f"--node-labels={labels}",
        # The cloud controller manager completes the node.
        "--cloud-provider=external",
    ]
