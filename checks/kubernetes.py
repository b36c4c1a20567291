"""The cluster, through kubectl."""

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from checks.kubeconfig import with_token
from checks.outcome import CannotRun, FailedProbe
from checks.outputs import Outputs
from checks.portforward import NO_KUBECTL, error_message, forwarding
from checks.tunnel import open_tunnel

DNS_DOMAIN = "cluster.local"  # of every EKS cluster: it cannot be set
CALL_TIMEOUT = 20.0  # seconds for a call of kubectl

# Prints a page, inside a pod, with the tool that its image has: Debian's nginx has curl, Alpine's
# and busybox have wget (whose own option -T crashes in busybox 1.35).
FETCH = (
    'if command -v curl >/dev/null; then exec curl -sS -m 5 "$1"; fi;'
    ' exec timeout 5 wget -q -O - "$1"'
)


@dataclass(frozen=True)
class Service:
    """A Service. `port` and `node_port` are of its first port; None for what it does not have."""

    name: str
    type: str
    port: int | None
    cluster_ip: str | None
    node_port: int | None
    hostname: str | None


@dataclass(frozen=True)
class Node:
    instance_id: str
    internal_ip: str


class Cluster:
    """kubectl with the stack's kubeconfig; the token is fetched, and the tunnel opened, when the
    first check needs it."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._signing_in = threading.Lock()
        self._file: Path | None = None
        self._open = ExitStack()

    def close(self) -> None:
        """Remove the kubeconfig with the token, and end the tunnel."""
        with self._signing_in:
            self._open.close()
            self._file = None

    def ready_pod(self, app: str) -> str:
        """The name of a Ready pod labelled app=`app`; FailedProbe if there is none.

        A terminating pod stays Ready while its preStop hook runs; it is left out.
        """
        found = self._read(f"pods?labelSelector={quote(f'app={app}')}")
        for item in found["items"]:
            if "deletionTimestamp" in item["metadata"]:
                continue
            conditions = item.get("status", {}).get("conditions", [])
            if any(each["type"] == "Ready" and each["status"] == "True" for each in conditions):
                return str(item["metadata"]["name"])
        raise FailedProbe(f"no Ready pod with app={app} among {len(found['items'])}")

    def services(self) -> dict[str, Service]:
        """The Services of the stack's namespace, by name."""
        found = [_service(each) for each in self._read("services")["items"]]
        return {each.name: each for each in found}

    def service(self, name: str) -> Service:
        """One Service; FailedProbe if there is no such Service."""
        return _service(self._read(f"services/{name}"))

    def targets(self, target_type: str) -> dict[str, set[str]]:
        """By Service, where a load balancer sends its requests: for target type instance to its
        node port, for ip to the ADDRESS:PORT of each of its pods."""
        if target_type == "instance":
            found = self.services()
            return {name: {str(it.node_port)} for name, it in found.items() if it.node_port}
        path = f"/apis/discovery.k8s.io/v1/namespaces/{self._outputs.namespace}/endpointslices"
        pods: dict[str, set[str]] = {}
        for item in self._get(path)["items"]:
            service = item["metadata"].get("labels", {}).get("kubernetes.io/service-name", "")
            ports = [each["port"] for each in item.get("ports") or ()]
            addresses = [it for each in item.get("endpoints") or () for it in each["addresses"]]
            pods.setdefault(service, set()).update(
                f"{a}:{port}" for a in addresses for port in ports
            )
        return pods

    def nodes(self) -> list[Node]:
        """Every node; FailedProbe if there are none, or if one is not an EC2 instance."""
        found = [_node(each) for each in self._get("/api/v1/nodes")["items"]]
        if not found:
            raise FailedProbe("the cluster has no nodes")
        return found

    def proxied(self, service: Service) -> str:
        """A Service's page at / through the API server's proxy, as `kubectl proxy` shows it."""
        return self._raw(self._path(f"services/http:{service.name}:{service.port}/proxy/"))

    def page_from_pod(self, pod: str, url: str) -> str:
        """A page, fetched by a process inside a pod."""
        return self._kubectl(
            "exec", "-n", self._outputs.namespace, pod, "--", "sh", "-c", FETCH, "sh", url
        )

    @contextmanager
    def port_forward(self, namespace: str, target: str, port: int) -> Iterator[int]:
        """Yields a port of 127.0.0.1 that leads to a pod's or Service's TCP port."""
        args = ["port-forward", "--address", "127.0.0.1", "-n", namespace, target, f":{port}"]
        with forwarding(args, self._environment()) as local_port:
            yield local_port

    def _path(self, rest: str) -> str:
        return f"/api/v1/namespaces/{self._outputs.namespace}/{rest}"

    def _read(self, rest: str) -> dict[str, Any]:
        return self._get(self._path(rest))

    def _get(self, path: str) -> dict[str, Any]:
        try:
            found = json.loads(self._raw(path))
        except ValueError as error:
            raise FailedProbe(f"kubectl get --raw {path} gave no JSON") from error
        if not isinstance(found, dict):
            raise FailedProbe(f"kubectl get --raw {path} gave no object")
        return found

    def _raw(self, path: str) -> str:
        # --raw needs no discovery: half the time of a plain get
        return self._kubectl("get", "--raw", path)

    def _kubectl(self, *args: str) -> str:
        try:
            done = subprocess.run(
                ["kubectl", *args],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=CALL_TIMEOUT,
                env=self._environment(),
            )
        except FileNotFoundError as error:
            raise CannotRun(NO_KUBECTL) from error
        except subprocess.TimeoutExpired as error:
            raise FailedProbe(f"kubectl {args[0]} took more than {CALL_TIMEOUT:.0f} s") from error
        if done.returncode:
            raise FailedProbe(f"kubectl {args[0]}: {error_message(done.stderr)}")
        return done.stdout

    def _environment(self) -> Mapping[str, str]:
        with self._signing_in:
            if self._file is None:
                config = with_token(self._outputs.kubeconfig)
                self._open.enter_context(open_tunnel(self._outputs.api_tunnel_command, config))
                private = tempfile.TemporaryDirectory(prefix="checks-")  # mode 0700
                self._file = Path(self._open.enter_context(private), "kubeconfig")
                self._file.touch(mode=0o600)
                self._file.write_text(config)
            return {**os.environ, "KUBECONFIG": str(self._file)}


def _service(item: Mapping[str, Any]) -> Service:
    spec, balancer = item["spec"], item.get("status", {}).get("loadBalancer", {})
    port = (spec.get("ports") or [{}])[0]
    address = spec.get("clusterIP")
    return Service(
        name=item["metadata"]["name"],
        type=spec["type"],
        port=port.get("port"),
        cluster_ip=None if address in (None, "", "None") else address,
        node_port=port.get("nodePort"),
        hostname=(balancer.get("ingress") or [{}])[0].get("hostname"),
    )


def _node(item: Mapping[str, Any]) -> Node:
    """On EC2 a node's `spec.providerID` is aws:///ZONE/INSTANCE-ID."""
    name = item["metadata"]["name"]
    scheme, _, rest = item.get("spec", {}).get("providerID", "").partition("://")
    addresses = item.get("status", {}).get("addresses", [])
    internal = [each["address"] for each in addresses if each["type"] == "InternalIP"]
    if scheme != "aws" or not internal:
        raise FailedProbe(f"node {name} is no EC2 instance with an InternalIP")
    return Node(rest.rpartition("/")[2], internal[0])
