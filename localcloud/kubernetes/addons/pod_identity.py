"""The add-on eks-pod-identity-agent: a DaemonSet that gives pods their credentials."""

from localcloud.kubernetes.manifests import Manifest, manifest
from localcloud.kubernetes.node.plan import AGENT_CREDENTIALS, AGENT_FOLDER, NODE_FOLDER
from localcloud.tools.versions import POD_IDENTITY_AGENT_IMAGE

NAME = "eks-pod-identity-agent"
NAMESPACE = "kube-system"
PROBE_PORT = 2703
VOLUME = "node-credentials"
CREDENTIALS_FOLDER = f"/var/run/{VOLUME}"
LABELS = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/instance": NAME}


def objects(cluster: str, region: str) -> list[Manifest]:
    """The DaemonSet."""
    container = {
        "name": NAME,
        "image": POD_IDENTITY_AGENT_IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "env": [
            {"name": "CLUSTER_NAME", "value": cluster},
            {"name": "AWS_REGION", "value": region},
            {
                "name": "AWS_SHARED_CREDENTIALS_FILE",
                "value": f"{CREDENTIALS_FOLDER}/{AGENT_CREDENTIALS}",
            },
        ],
        "volumeMounts": [
            {"name": VOLUME, "mountPath": CREDENTIALS_FOLDER, "readOnly": True},
        ],
        "ports": [{"name": "probes-port", "containerPort": PROBE_PORT}],
        "readinessProbe": {
            "httpGet": {"path": "/readyz", "port": PROBE_PORT},
            "periodSeconds": 1,
        },
        "securityContext": {"capabilities": {"add": ["CAP_NET_BIND_SERVICE"]}},
    }
    pod = {
        "hostNetwork": True,
        "dnsPolicy": "Default",
        "priorityClassName": "system-node-critical",
        "tolerations": [{"operator": "Exists"}],
        "containers": [container],
        "volumes": [
            {
                "name": VOLUME,
                "hostPath": {"path": str(NODE_FOLDER / AGENT_FOLDER), "type": "Directory"},
            }
        ],
    }
    spec = {
        "selector": {"matchLabels": LABELS},
        "template": {"metadata": {"labels": LABELS}, "spec": pod},
    }
    return [manifest("apps/v1", "DaemonSet", NAME, NAMESPACE, labels=LABELS, spec=spec)]
