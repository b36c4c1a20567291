"""The control plane of one cluster: its files, processes and logs."""

import base64
import ipaddress
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

from localcloud.aws.eks.snapshots import Cluster
from localcloud.kubernetes.api import Api
from localcloud.kubernetes.bootstrap import CLOUD_CONTROLLER_USER
from localcloud.kubernetes.components import (
    API_PORT,
    Component,
    ControlPlanePlan,
    api_server,
    layers,
)
from localcloud.kubernetes.context import AWS_URL, ClusterContext
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
USERS = {  # as whom the API server knows the controllers, by the name of their kubeconfig
    "controller-manager": "system:kube-controller-manager",
    "scheduler": "system:kube-scheduler",
    "cloud-controller-manager": CLOUD_CONTROLLER_USER,
}


def server_names(service_cidr: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """The names and addresses in the API server's certificate."""
    service = str(ipaddress.ip_network(service_cidr)[1])
    names = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
    return (*names, "kubernetes.default.svc.cluster.local", LOOPBACK, *addresses, service)


def uplink_address(netns: Path) -> str:
    """The address at which the backbone reaches the control plane in a network namespace."""
    command = ["nsenter", f"--net={netns}", "ip", "-json", "-4", "address", "show", UPLINK]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return str(shown[0]["addr_info"][0]["local"])


def secrets_encryption(data_key: bytes) -> str:
    """The API server's configuration for secrets in etcd under a key of 32 bytes."""
    key = {"name": "data-key", "secret": base64.b64encode(data_key).decode()}
    # `identity` reads secrets that were written before the cluster had a key.
    providers: list[dict[str, Any]] = [{"secretbox": {"keys": [key]}}, {"identity": {}}]
    return json.dumps(
        {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "EncryptionConfiguration",
            "resources": [{"resources": ["secrets"], "providers": providers}],
        }
    )


def audit_policy() -> str:
    """The API server's audit policy: all requests except those for health, version and events."""
    urls = ["/healthz*", "/livez*", "/readyz*", "/version"]
    events = {"group": "", "resources": ["events"]}
    rules = [
        {"level": "None", "nonResourceURLs": urls},
        {"level": "None", "resources": [events]},
        {"level": "Metadata"},
    ]
    policy = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules}
    return json.dumps({**policy, "omitStages": ["RequestReceived"]})


def cloud_config(cluster: Cluster) -> str:
    """The configuration of the cloud controller manager, which runs outside of the VPC."""
    values = {"Region": cluster.region, "VPC": cluster.vpc_id, "SubnetID": cluster.subnet_ids[0]}
    lines = [f"{name} = {value}" for name, value in values.items()]
    return "\n".join(["[Global]", *lines, f"KubernetesClusterID = {cluster.name}", ""])


def log_files(logs: Path, cluster: str) -> dict[str, Path]:
    """The log files by EKS log type, except `authenticator`: see localcloud.aws.eks.logs."""
    programs = {
        "api": "kube-apiserver",
        "audit": "audit",
        "controllerManager": "kube-controller-manager",
        "scheduler": "kube-scheduler",
    }
    return {type_: logs / f"{cluster}-{name}.log" for type_, name in programs.items()}


class ControlPlane:
    """etcd, API server, controllers and scheduler of one cluster, and a client of its API.

    The supervisor restarts each program that exits, also etcd, whose data stays on disk.
    """

    api: Api  # set by `start`
    _plan: ControlPlanePlan

    def __init__(self, context: ClusterContext, cluster: Cluster, netns: Path) -> None:
        self._context, self._cluster, self._netns = context, cluster, netns
        self._folder = context.paths.clusters / cluster.name / "control-plane"
        self.version = cluster.version
        self._data_key = context.store.data_key(cluster.name) if cluster.encryption_key else None
        self._audit_log = log_files(context.paths.logs, cluster.name)["audit"]
        self.credentials = ClusterCredentials(cluster.name)

    @property
    def internal_url(self) -> str:
        """The URL of the API server inside the VPC."""
        return f"https://{self._cluster.private_ips[0]}"

    @property
    def has_audit_log(self) -> bool:
        """Whether the API server writes an audit log, as it does once its log type was enabled."""
        return self._plan.audit_log is not None

    def start_audit_log(self, supervised: Supervised) -> None:
        """Restart the API server so that it writes an audit log; raises ProcessError."""
        self._plan = replace(self._plan, audit_log=self._audit_log)
        process = self._process(api_server(self._plan))
        supervised.stop(process.name)
        supervised.wait(supervised.start(process))

    def start(self, supervised: Supervised) -> None:
        """Start the programs; the API server is ready then. Raises ProcessError."""
        address = uplink_address(self._netns)
        folder = self._folder
        self._write_files(address)
        self.api = Api(address, folder / "ca.crt", folder / "admin.crt", folder / "admin.key")
        self._plan = ControlPlanePlan(
            cluster=self._cluster.name,
            folder=self._folder,
            advertise_address=self._cluster.private_ips[0],
            service_cidr=self._cluster.service_cidr,
            issuer=self._cluster.issuer,
            encrypted=self._data_key is not None,
            audit_log=self._audit_log if "audit" in self._cluster.log_types else None,
            aws=self._aws_environment(),
        )
        for layer in layers(self._plan):
            for process in [supervised.start(self._process(part)) for part in layer]:
                supervised.wait(process)

    def _aws_environment(self) -> dict[str, str]:
        """How programs of the control plane call AWS: as the cluster's role."""
        key_id, secret, token = self._context.store.cluster_credentials(self._cluster.name)
        return {
            "AWS_ACCESS_KEY_ID": key_id,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_SESSION_TOKEN": token,
            "AWS_ENDPOINT_URL": AWS_URL,
            "AWS_CA_BUNDLE": str(self._folder / "cloud-ca.crt"),
            "AWS_EC2_METADATA_DISABLED": "true",
            # Settings of the cloud's user are not for its clusters.
            "AWS_PROFILE": "",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def change_version(self, version: str, supervised: Supervised) -> None:
        """Restart all programs except etcd, the API server first, in another Kubernetes version.

        Raises ProcessError or ToolError; another call can then change the version back.
        """
        self.version = version
        for layer in layers(self._plan):
            for part in (part for part in layer if part.program != "etcd"):
                supervised.stop(self._name(part))
                supervised.wait(supervised.start(self._process(part)))

    def _name(self, component: Component) -> str:
        return f"{self._cluster.name}-{component.program}"

    def _process(self, component: Component) -> Process:
        name = self._name(component)
        program = self._context.tools.binary(component.program, self.version)
        return Process(
            name=name,
            args=[program, *component.arguments],
            log=self._context.paths.logs / f"{name}.log",
            netns=self._netns,
            env=component.env,
            healthy=self.api.ready if component.must_be_ready else None,
        )

    def _write_files(self, address: str) -> None:
        cluster, credentials, folder = self._cluster, self.credentials, self._folder
        shutil.rmtree(folder, ignore_errors=True)  # that of a deleted cluster of this name
        folder.mkdir(parents=True, mode=0o700)
        names = server_names(cluster.service_cidr, (*cluster.private_ips, address))
        credentials.server("kube-apiserver", names).write(folder, "server")
        credentials.client(KUBELET_CLIENT).write(folder, "kubelet-client")
        credentials.client("localcloud", [MASTERS]).write(folder, "admin")
        credentials.front_proxy_client().write(folder, "front-proxy-client")
        (folder / "ca.crt").write_text(credentials.ca_pem)
        (folder / "cloud-ca.crt").write_text(self._context.cloud_ca_pem)
        (folder / "cloud.conf").write_text(cloud_config(cluster))
        (folder / "audit-policy.json").write_text(audit_policy())
        (folder / "front-proxy-ca.crt").write_text(credentials.front_proxy_ca_pem)
        write_private(folder / "service-account.key", cluster.service_account_key)
        if self._data_key:
            write_private(folder / "encryption.json", secrets_encryption(self._data_key))
        # The API server sends each bearer token to this webhook, which returns its user.
        webhook = self._context.webhook(cluster.name, "token-review")
        write_private(
            folder / "token-review.json", kubeconfig(webhook, self._context.cloud_ca_pem, {})
        )
        loopback = f"https://{LOOPBACK}:{API_PORT}"
        for name, user in USERS.items():
            write_private(folder / f"{name}.kubeconfig", credentials.kubeconfig(loopback, user))
        admin = credentials.kubeconfig(f"https://{address}:{API_PORT}", "localcloud", [MASTERS])
        write_private(folder / "admin.kubeconfig", admin)

    def remove(self) -> None:
        """Delete its files, once its processes have exited."""
        shutil.rmtree(self._folder, ignore_errors=True)
