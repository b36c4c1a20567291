"""A cloud's main process: the AWS API, and the reconcilers that make its records real."""

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from localcloud import status_api
from localcloud.aws.api import AwsApi, bootstrap
from localcloud.aws.http import Server, tls_context
from localcloud.aws.names import api_names
from localcloud.certificates import PERIOD, CertificateReconciler
from localcloud.changes import Changes
from localcloud.kubeconfig import KubeconfigReconciler
from localcloud.kubernetes.reconciler import KubernetesReconciler
from localcloud.lifecycle import CloudInfo
from localcloud.network import netns
from localcloud.network.balancer import LoadBalancerReconciler
from localcloud.network.dns import DnsReconciler
from localcloud.network.fabric.addresses import AWS_API, S3
from localcloud.network.port_forwarder import PortForwarder
from localcloud.network.reconciler import NetworkReconciler
from localcloud.paths import WORLD, CloudPaths
from localcloud.pki import Authority
from localcloud.reconciler import Loop
from localcloud.status_api import Part
from localcloud.supervisor import Supervisor
from localcloud.tools import Tools, find

SYSTEM_CAS = Path("/etc/ssl/certs/ca-certificates.crt")
LOOPBACK = "127.0.0.1"
BACKLOG = 128


class Cloud:
    """All parts of a cloud, and their status."""

    def __init__(self, paths: CloudPaths, machine_netns: Path, tools: Tools) -> None:
        self.paths = paths
        self.changes = Changes()
        self.authority = Authority(f"eks-service-types {paths.name}")
        self.bundle = write_bundle(paths, self.authority)
        self.api = AwsApi(self.changes)
        self.api.commands.run = self.run_commands
        self.api.sessions.start_worker = self.start_session_worker
        self.worker = tools.binary("ssm-session-worker")
        answers = {"hosts": self.hosts, "status": self.status, "actions": self.actions}
        app = status_api.with_cloud_routes(self.api.app, answers)
        self.server = Server(app, self.api.open_websocket)
        snapshots, changes, logs = self.api.snapshots, self.changes, paths.logs
        self.network = NetworkReconciler(snapshots, changes)
        self.supervisor = supervisor = Supervisor()
        balancers = LoadBalancerReconciler(
            snapshots, self.network, tools, self.api.target_states, changes, supervisor, logs,
            deliver=self.api.deliver_access_logs,
        )  # fmt: skip
        self.kubernetes = KubernetesReconciler(
            self.api.clusters, self.network, tools, paths, self.authority,
            PortForwarder(machine_netns), supervisor,
        )  # fmt: skip
        self.loops = [
            Loop(reconciler, changes)
            for reconciler in (
                self.network,
                DnsReconciler(snapshots, self.network.uplinks, tools, supervisor, logs),
                balancers,
                self.kubernetes,
                KubeconfigReconciler(self.api.clusters.clusters, paths.kubeconfig),
            )
        ]
        certificates = CertificateReconciler(snapshots, self.api.lock, self.authority, changes)
        self.loops.append(Loop(certificates, changes, PERIOD))

    def start(self, machine_listener: socket.socket, zone: str) -> CloudInfo:
        """Serve the API to the machine, the world and the VPCs, and begin to make records real.

        `zone` is the name of a hosted zone that the account has from the start, "" for none.
        """
        key_id, secret = bootstrap(self.api, zone)
        self.network.reconcile()  # adds the addresses to listen on
        port = int(machine_listener.getsockname()[1])
        certificate = self.authority.issue("aws", api_names(AWS_API))
        self.server.serve(machine_listener)
        self.server.serve(listener(netns.path(WORLD), LOOPBACK, port))
        for address in (AWS_API, S3):
            self.server.serve(listener(None, address, 80))
            self.server.serve(listener(None, address, 443), tls_context(certificate))
        for loop in self.loops:
            loop.start()
        return CloudInfo(port, key_id, secret)

    def hosts(self) -> dict[str, str]:
        """The hosts that `exec` accepts."""
        return status_api.host_names(self.api.snapshots.instances())

    def actions(self) -> dict[str, list[str]]:
        """The actions of every user and role so far, by ARN."""
        with self.api.lock:
            return {principal: sorted(found) for principal, found in self.api.actions.items()}

    def status(self) -> list[dict[str, str]]:
        """Every part with its state."""
        return status_api.as_json(self._parts())

    def _parts(self) -> Iterator[Part]:
        yield Part("aws", "running")
        for loop in self.loops:
            earlier = f"recovered: {loop.recovered_from}" if loop.recovered_from else ""
            note = loop.error or earlier
            yield Part(loop.reconciler.name, "failing" if loop.error else "running", note)
        for watched in self.supervisor.watched():
            state: Literal["running", "starting"] = "running" if watched.serves else "starting"
            earlier = watched.last.short if watched.last else ""
            if earlier and state == "running":
                earlier = f"recovered: {earlier}"
            note = watched.failure or earlier
            yield Part(watched.process.name, "failing" if watched.failure else state, note)
        for name, issue in self.api.clusters.issues():
            yield Part(name, "failing", issue)

    def run_commands(
        self, instance_id: str, commands: Sequence[str], timeout: float
    ) -> tuple[int, str, str]:
        """Run shell commands on an instance: exit code, standard output, standard error.

        Raises subprocess.TimeoutExpired after `timeout` seconds.
        """
        argv = netns.enter(instance_id, ["sh", "-c", "\n".join(commands)], self.bundle)
        done = subprocess.run(
            argv, capture_output=True, text=True, errors="replace", timeout=timeout, check=False,
            stdin=subprocess.DEVNULL, env=instance_environment(), cwd="/",
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def start_session_worker(
        self, instance_id: str, settings: str, connection: socket.socket
    ) -> "subprocess.Popen[bytes]":
        """Start the worker of a session on an instance. Raises OSError."""
        argv = netns.enter(instance_id, [str(self.worker)], self.bundle)
        with open(self.paths.logs / "ssm-sessions.log", "ab") as log:
            return subprocess.Popen(
                argv, stdin=connection.fileno(), stdout=log, stderr=log, cwd="/",
                env={**instance_environment(), "SESSION": settings},
            )  # fmt: skip


def instance_environment() -> dict[str, str]:
    """The environment variables of what SSM runs on an instance."""
    return {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}


def write_bundle(paths: CloudPaths, authority: Authority) -> Path:
    """Write the CA bundle for the hosts: the machine's CAs and the cloud's own."""
    system = SYSTEM_CAS.read_text() if SYSTEM_CAS.exists() else ""
    bundle = paths.pki / "bundle.crt"
    bundle.write_text(f"{system}\n{authority.certificate}")
    return bundle


def listener(where: Path | None, address: str, port: int) -> socket.socket:
    """A listening socket in a network namespace (None: the backbone)."""
    made = netns.socket_in(where)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.listen(BACKLOG)
    return made


def inherited(name: str) -> int:
    """A file descriptor that `up` passed to this process."""
    return int(os.environ.pop(f"LOCALCLOUD_{name}"))


def main() -> None:
    """Run the cloud whose folder is the argument, until it is killed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    paths = CloudPaths(Path(sys.argv[1]).name)
    machine_listener = socket.socket(fileno=inherited("AWS_LISTENER"))
    machine_netns = Path(f"/proc/{os.getpid()}/fd/{inherited('MACHINE_NETNS')}")
    with open(inherited("READY"), "w", buffering=1) as ready:
        cloud = Cloud(paths, machine_netns, find())
        cloud.start(machine_listener, os.environ.pop("LOCALCLOUD_ZONE")).write(paths)
        # If the `up` that waits for this line was killed, the write fails, and the cloud ends.
        ready.write("ready\n")
    signal.pause()


if __name__ == "__main__":
    main()
