"""The add-on coredns as EKS installs it: two replicas behind the Service kube-dns."""

from collections.abc import Mapping
from typing import Any

from localcloud.kubernetes.manifests import RBAC, Manifest, cluster_role, manifest
from localcloud.kubernetes.node.kubelet import cluster_dns
from localcloud.tools.versions import COREDNS_IMAGE

NAME = "coredns"
NAMESPACE = "kube-system"
REPLICAS = 2
SELECTOR = {"eks.amazonaws.com/component": "coredns", "k8s-app": "kube-dns"}
LABELS = {**SELECTOR, "kubernetes.io/name": "CoreDNS"}
COREFILE = """\
.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
"""
RESOURCES = {
    "limits": {"memory": "170Mi"},
    "requests": {"cpu": "100m", "memory": "70Mi"},
}
TOLERATIONS = [
    {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
    {"key": "CriticalAddonsOnly", "operator": "Exists"},
]
SPREAD = {
    "preferredDuringSchedulingIgnoredDuringExecution": [
        {
            "weight": 100,
            "podAffinityTerm": {
                "labelSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                "topologyKey": "kubernetes.io/hostname",
            },
        }
    ]
}
PORTS = [
    {"name": "dns", "protocol": "UDP", "port": 53},
    {"name": "dns-tcp", "protocol": "TCP", "port": 53},
    {"name": "metrics", "protocol": "TCP", "port": 9153},
]


def objects(service_cidr: str, configuration: Mapping[str, Any]) -> list[Manifest]:
    """The objects of the add-on, in the order in which to apply them."""
    return [
        manifest("v1", "ServiceAccount", NAME, NAMESPACE, labels=LABELS),
        *_rights(),
        manifest(
            "v1", "ConfigMap", NAME, NAMESPACE, labels=LABELS,
            data={"Corefile": configuration.get("corefile", COREFILE)},
        ),
        _service(service_cidr),
        _disruption_budget(),
        _deployment(configuration),
    ]  # fmt: skip


def _rights() -> list[Manifest]:
    watched = {
        "apiGroups": [""],
        "resources": ["endpoints", "services", "pods", "namespaces"],
        "verbs": ["list", "watch"],
    }
    slices = {
        "apiGroups": ["discovery.k8s.io"],
        "resources": ["endpointslices"],
        "verbs": ["list", "watch"],
    }
    role = "system:coredns"
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}
    return [
        manifest(f"{RBAC}/v1", "ClusterRole", role, labels=LABELS, rules=[watched, slices]),
        manifest(
            f"{RBAC}/v1", "ClusterRoleBinding", role, labels=LABELS,
            roleRef=cluster_role(role), subjects=[subject],
        ),
    ]  # fmt: skip


def _service(service_cidr: str) -> Manifest:
    spec = {
        "clusterIP": cluster_dns(service_cidr),
        "selector": {"k8s-app": "kube-dns"},
        "ports": PORTS,
    }
    labels = LABELS | {"kubernetes.io/cluster-service": "true"}
    return manifest("v1", "Service", "kube-dns", NAMESPACE, labels=labels, spec=spec)


def _disruption_budget() -> Manifest:
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": SELECTOR}}
    return manifest("policy/v1", "PodDisruptionBudget", NAME, NAMESPACE, labels=LABELS, spec=spec)


def _container(configuration: Mapping[str, Any]) -> Manifest:
    return {
        "name": NAME,
        "image": COREDNS_IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "resources": configuration.get("resources", RESOURCES),
        "ports": [
            {"name": port["name"], "protocol": port["protocol"], "containerPort": port["port"]}
            for port in PORTS
        ],
        "livenessProbe": {
            "httpGet": {"path": "/health", "port": 8080, "scheme": "HTTP"},
            "initialDelaySeconds": 60,
            "timeoutSeconds": 5,
            "failureThreshold": 5,
        },
        "readinessProbe": {
            "httpGet": {"path": "/ready", "port": 8181, "scheme": "HTTP"},
            "periodSeconds": 1,
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
    }


def _deployment(configuration: Mapping[str, Any]) -> Manifest:
    get = configuration.get
    pod = {
        "serviceAccountName": NAME,
        "priorityClassName": "system-cluster-critical",
        "dnsPolicy": "Default",
        "tolerations": get("tolerations", TOLERATIONS),
        "affinity": get("affinity", {"podAntiAffinity": SPREAD}),
        "nodeSelector": get("nodeSelector", {}),
        "topologySpreadConstraints": get("topologySpreadConstraints", []),
        "containers": [_container(configuration)],
        "volumes": [
            {
                "name": "config",
                "configMap": {
                    "name": NAME,
                    "items": [{"key": "Corefile", "path": "Corefile"}],
                },
            }
        ],
    }
    labels = {**get("podLabels", {}), **SELECTOR}
    spec = {
        "replicas": get("replicaCount", REPLICAS),
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
        "selector": {"matchLabels": SELECTOR},
        "template": {
            "metadata": {"labels": labels, "annotations": get("podAnnotations", {})},
            "spec": pod,
        },
    }
    return manifest("apps/v1", "Deployment", NAME, NAMESPACE, labels=LABELS, spec=spec)
