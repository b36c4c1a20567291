"""The control plane of one cluster: its files, its processes, and its start."""

import base64
import ipaddress
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.kubernetes.api import Api
from localcloud.kubernetes.components import API_PORT, Component, ControlPlanePlan, layers
from localcloud.kubernetes.credentials import (
    KUBELET_CLIENT,
    MASTERS,
    ClusterCredentials,
    kubeconfig,
    write_private,
)
from localcloud.process import Process
from localcloud.supervisor import Supervised

UPLINK = "up0"
LOOPBACK = "127.0.0.1"


def server_names(service_cidr: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """What the API server's certificate is good for."""
    service = str(ipaddress.ip_network(service_cidr)[1])
    names = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
    return (*names, "kubernetes.default.svc.cluster.local", LOOPBACK, *addresses, service)


def uplink_address(netns: Path) -> str:
    """The address at which the backbone reaches a control plane's namespace."""
    command = ["nsenter", f"--net={netns}", "ip", "-json", "-4", "address", "show", UPLINK]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return str(shown[0]["addr_info"][0]["local"])


def token_review(url: str, cloud_ca_pem: str) -> str:
    """The kubeconfig by which the API server asks whose a token is."""
    return kubeconfig(url, cloud_ca_pem, {})


def secrets_encryption(data_key: bytes) -> str:
    """The API server's configuration for secrets in etcd under a key of 32 bytes."""
    key = {"name": "data-key", "secret": base64.b64encode(data_key).decode()}
    # What was written before there was a key is still read.
    providers: list[dict[str, Any]] = [{"secretbox": {"keys": [key]}}, {"identity": {}}]
    return json.dumps(
        {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "EncryptionConfiguration",
            "resources": [{"resources": ["secrets"], "providers": providers}],
        }
    )


@dataclass(frozen=True, kw_only=True)
class ControlPlaneInputs:
    """What a control plane takes from the records and the cloud around it.

    `data_key` (32 bytes) encrypts secrets; None leaves them as they are.
    """

    cluster: str
    service_cidr: str
    issuer: str
    service_account_key: str
    private_ips: tuple[str, ...]
    netns: Path
    folder: Path
    logs: Path
    token_review_url: str
    cloud_ca_pem: str
    binary: Callable[[str], Path]
    data_key: bytes | None = None


@dataclass
class ControlPlane:
    """etcd, API server, controllers and scheduler of one cluster, and a client of it."""

    inputs: ControlPlaneInputs
    credentials: ClusterCredentials = field(init=False)
    api: Api = field(init=False)

    def __post_init__(self) -> None:
        self.credentials = ClusterCredentials(self.inputs.cluster)

    @property
    def internal_url(self) -> str:
        """The API server as the VPC knows it."""
        return f"https://{self.inputs.private_ips[0]}"

    def start(self, supervised: Supervised) -> None:
        """Start it and return once the API server is ready; raises ProcessError."""
        address = uplink_address(self.inputs.netns)
        self._write_files(address)
        folder = self.inputs.folder
        self.api = Api(address, folder / "ca.crt", folder / "admin.crt", folder / "admin.key")
        for layer in layers(self._plan):
            for process in [supervised.start(self._process(part)) for part in layer]:
                supervised.wait(process)

    @property
    def _plan(self) -> ControlPlanePlan:
        inputs = self.inputs
        return ControlPlanePlan(
            cluster=inputs.cluster,
            folder=inputs.folder,
            advertise_address=inputs.private_ips[0],
            service_cidr=inputs.service_cidr,
            issuer=inputs.issuer,
            encrypted=inputs.data_key is not None,
        )

    def _process(self, component: Component) -> Process:
        name = f"{self.inputs.cluster}-{component.program}"
        return Process(
            name=name,
            args=[self.inputs.binary(component.program), *component.arguments],
            log=self.inputs.logs / f"{name}.log",
            netns=self.inputs.netns,
            env=component.env,
            healthy=self.api.ready if component.serves else None,
        )

    def _write_files(self, address: str) -> None:
        inputs, issue, folder = self.inputs, self.credentials, self.inputs.folder
        shutil.rmtree(folder, ignore_errors=True)  # of a cloud that was killed
        folder.mkdir(parents=True, mode=0o700)
        names = server_names(inputs.service_cidr, (*inputs.private_ips, address))
        issue.server("kube-apiserver", names).write(folder, "server")
        issue.client(KUBELET_CLIENT).write(folder, "kubelet-client")
        issue.client("localcloud", [MASTERS]).write(folder, "admin")
        issue.front_proxy_client().write(folder, "front-proxy-client")
        (folder / "ca.crt").write_text(issue.ca_pem)
        (folder / "front-proxy-ca.crt").write_text(issue.front_proxy_ca_pem)
        write_private(folder / "service-account.key", inputs.service_account_key)
        if inputs.data_key:
            write_private(folder / "encryption.json", secrets_encryption(inputs.data_key))
        review = token_review(inputs.token_review_url, inputs.cloud_ca_pem)
        write_private(folder / "token-review.json", review)
        loopback = f"https://{LOOPBACK}:{API_PORT}"
        for user in ("controller-manager", "scheduler"):
            config = issue.kubeconfig(loopback, f"system:kube-{user}")
            write_private(folder / f"{user}.kubeconfig", config)
        admin = issue.kubeconfig(f"https://{address}:{API_PORT}", "localcloud", [MASTERS])
        write_private(folder / "admin.kubeconfig", admin)

    def remove(self) -> None:
        """Forget its data, once its processes have ended."""
        shutil.rmtree(self.inputs.folder, ignore_errors=True)
