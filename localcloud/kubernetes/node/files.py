"""The files of a node: configurations, certificates and kubeconfigs."""

import json
import shutil
from pathlib import Path

from localcloud.kubernetes.credentials import NODES, ClusterCredentials, write_private
from localcloud.kubernetes.node import containerd, kube_proxy, kubelet
from localcloud.kubernetes.node.plan import AGENT_CREDENTIALS, AGENT_FOLDER, NodePlan
from localcloud.tools.versions import PAUSE_IMAGE

FOLDERS = ("cni", "pod-logs", "volume-plugins", AGENT_FOLDER)
PROXY_USER = "system:kube-proxy"


def aws_credentials(key_id: str, secret: str, token: str) -> str:
    """A shared credentials file, as every AWS SDK reads it."""
    return (
        f"[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n"
        f"aws_session_token = {token}\n"
    )


def write_files(
    plan: NodePlan, credentials: ClusterCredentials, cni_plugins: Path, role: tuple[str, str, str]
) -> None:
    """Write the node's folder anew, since a killed cloud may have left one.

    `role` is a session of the instance's role: key id, secret and token.
    """
    folder = plan.folder
    shutil.rmtree(folder, ignore_errors=True)
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    folder.chmod(0o700)
    toml = containerd.config_toml(PAUSE_IMAGE, cni_plugins)
    (folder / containerd.CONFIG).write_text(toml)
    (folder / kubelet.CONFIG).write_text(json.dumps(kubelet.config(plan)))
    (folder / kube_proxy.CONFIG).write_text(json.dumps(kube_proxy.config(plan)))
    (folder / "ca.crt").write_text(credentials.ca_pem)
    credentials.server(plan.name, [plan.name, plan.private_ip]).write(folder, "kubelet")
    write_private(folder / AGENT_FOLDER / AGENT_CREDENTIALS, aws_credentials(*role))
    node = credentials.kubeconfig(plan.api_url, f"system:node:{plan.name}", [NODES])
    write_private(folder / "kubelet.kubeconfig", node)
    write_private(
        folder / "kube-proxy.kubeconfig", credentials.kubeconfig(plan.api_url, PROXY_USER)
    )
