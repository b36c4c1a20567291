"""The certificate authorities of a cluster, and the certificates and kubeconfigs they issue."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localcloud import kubeconfig as kubeconfigs
from localcloud.pki import Authority, Certificate

MASTERS = "system:masters"
NODES = "system:nodes"
KUBELET_CLIENT = "kube-apiserver-kubelet-client"


def write_private(path: Path, text: str) -> Path:
    """Write a file that only its owner may read; returns its path."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def _encoded(pem: str) -> str:
    return base64.b64encode(pem.encode()).decode()


def kubeconfig(server: str, ca_pem: str, user: dict[str, Any]) -> str:
    """A kubeconfig of one cluster and one user."""
    cluster = kubeconfigs.cluster_entry(server, _encoded(ca_pem))
    return json.dumps(kubeconfigs.kubeconfig({"default": cluster}, {"default": user}))


class ClusterCredentials:
    """The authorities of one cluster: its own, and that of the API aggregation layer."""

    def __init__(self, cluster: str) -> None:
        self._authority = Authority(f"{cluster} kubernetes")
        self._front_proxy = Authority(f"{cluster} front-proxy")

    @property
    def ca_pem(self) -> str:
        return self._authority.certificate

    @property
    def front_proxy_ca_pem(self) -> str:
        return self._front_proxy.certificate

    def server(self, common_name: str, names: Sequence[str]) -> Certificate:
        """A certificate for a server under these names and addresses."""
        return self._authority.issue(common_name, names)

    def client(self, user: str, groups: Sequence[str] = ()) -> Certificate:
        """A client certificate that authenticates as `user`, a member of `groups`."""
        return self._authority.issue(user, organizations=groups)

    def front_proxy_client(self) -> Certificate:
        """The certificate with which the API server calls the API servers that it aggregates."""
        return self._front_proxy.issue("front-proxy-client")

    def kubeconfig(self, server: str, user: str, groups: Sequence[str] = ()) -> str:
        """A kubeconfig with a new client certificate of `user`."""
        issued = self.client(user, groups)
        data = {
            "client-certificate-data": _encoded(issued.certificate),
            "client-key-data": _encoded(issued.key),
        }
        return kubeconfig(server, self.ca_pem, data)
