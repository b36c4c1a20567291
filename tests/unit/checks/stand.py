"""A whole stack on loopback, of which tests break one thing at a time."""

import errno
import socket
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from checks.aws import Aws
from checks.bastion import Bastion
from checks.context import Context
from checks.kubernetes import Cluster
from checks.outcome import Patience, Result
from checks.outputs import Outputs
from checks.report import DETAIL
from checks.runner import result_of
from checks.statements import CHECKS
from checks.web import ThisHost
from tests.unit.checks import support
from tests.unit.checks.fake_aws import ALB, NLB, NODES, Clients, FakeAws, as_posted
from tests.unit.checks.servers import dns_server, serving
from tests.unit.checks.support import FakeSsm, Kubectl

SERVICES = f"/api/v1/namespaces/{support.NAMESPACE}/services"
PODS = f"/api/v1/namespaces/{support.NAMESPACE}/pods?labelSelector=app%3Dnginx"
POD = "pod/nginx-554b9c67f9-rwbp7"
GOOGLE = "google-service.service-types.svc.cluster.local"
CONNECT = socket.create_connection
CLUSTER_IP = "127.0.0.9"
PAGES = {
    "svc1.example.com": "svc-1",
    "svc2.example.com": "svc-2",
    "svc.example.com": "svc-1",
    "shop.example.com": "Hello",
    ALB: "svc-1",
}
# Of which an image is behind the last.
ROUTES = [
    {"host": f"{host}.example.com", "path": path, "service": name, "page": page}
    for host, path, name, page in (
        ("svc1", "/", "service-1", "svc-1"),
        ("svc2", "/", "service-2", "svc-2"),
        ("shop", "/", "shop", "Hello"),
        ("shop", "/cart", "cart", None),
    )
]


def outputs() -> dict[str, Any]:
    return {
        "region": "eu-west-1",
        "cluster_name": "eks-service-types-dev",
        "kubeconfig": support.KUBECONFIG,
        "bastion_instance_id": "i-0ba5",
        "namespace": support.NAMESPACE,
        "domain": "example.com",
        "zone_id": "Z1",
        "ingress_hostname": ALB,
        "load_balancer_hostname": NLB,
        "load_balancing": {
            "kind": "nlb",
            "scheme": "internet-facing",
            "ingress_scheme": "internet-facing",
            "target_type": "instance",
            "tls": False,
            "load_balancer_tls": False,
        },
        "hosts": list(ROUTES),
        "services": {
            "cluster_ip": "nginx-cluster-ip",
            "node_port": "nginx-node-port",
            "load_balancer": "nginx-load-balancer",
            "external_name": "google-service",
            "service_1": "service-1",
            "service_2": "service-2",
            "shop": "shop",
            "cart": "cart",
        },
    }


def services(port: int) -> dict[str, dict[str, Any]]:
    make = support.service
    found = [
        make("nginx-cluster-ip", "ClusterIP", port, CLUSTER_IP),
        make("nginx-node-port", "NodePort", 80, "127.0.0.8", port),
        make("nginx-load-balancer", "LoadBalancer", 80, "127.0.0.8", 31000, NLB),
        make("google-service", "ExternalName"),
        make("service-1", "NodePort", 80, "127.0.0.8", 30001),
        make("service-2", "NodePort", 80, "127.0.0.8", 30002),
        make("shop", "NodePort", 80, "127.0.0.8", 30003),
        make("cart", "NodePort", 80, "127.0.0.8", 30004),
    ]
    return {each["metadata"]["name"]: each for each in found}


@dataclass
class Stand:
    """Everything a check looks at, as in the post until a test changes it.

    nginx listens at `nginx`, on each node, and the ALB at `alb`; `cluster_dns` and `public_dns`
    are DNS servers. `routes` is who is reachable from "here": a host and port to where it is
    really served. `services` are shown to kubectl when `checked` runs.
    """

    kubectl: Kubectl
    ssm: FakeSsm
    clients: Clients
    after: ExitStack
    outputs: dict[str, Any] = field(default_factory=outputs)
    account: FakeAws = field(default_factory=lambda: as_posted(30001, 30002, 30003, 30004))
    nodes: dict[str, str] = field(default_factory=lambda: dict(NODES))  # instance id -> address
    pages: dict[str, str] = field(default_factory=lambda: dict(PAGES))
    cluster_names: dict[str, str] = field(default_factory=lambda: {GOOGLE: "google.com"})
    public_names: dict[str, str] = field(
        default_factory=lambda: {it: ALB for it in PAGES if it != ALB}
    )

    def __post_init__(self) -> None:
        self.nginx = self.serves(support.NGINX_PAGE, "127.0.0.2")
        self.serves(support.NGINX_PAGE, "127.0.0.3", self.nginx)
        self.alb = self.after.enter_context(serving(lambda host: self.pages.get(host, "?")))
        self.cluster_dns = self.after.enter_context(dns_server(self.cluster_names))
        self.public_dns = self.after.enter_context(dns_server(self.public_names))
        node, alb = ("127.0.0.2", self.nginx), ("127.0.0.1", self.alb)
        self.routes = {(name, 80): alb for name in PAGES}
        self.routes |= {(NLB, 80): node, ("127.0.0.1", self.nginx): node}
        self.services = services(self.nginx)

    @property
    def proxy(self) -> str:
        """Where the API server shows the page of the ClusterIP Service."""
        return f"{SERVICES}/http:nginx-cluster-ip:{self.nginx}/proxy/"

    def serves(
        self, page: str, address: str = "127.0.0.1", port: int = 0, status: int = 200
    ) -> int:
        """Serve a page until the test ends; gives the port."""
        return self.after.enter_context(serving(lambda _: page, address, port, status))

    def leads(self, host: str, port: int, address: str = "127.0.0.1") -> None:
        """Let this machine reach a host's ports, 80 and `port`, at an address and port."""
        self.routes |= {(host, each): (address, port) for each in (80, port)}

    def connect(
        self, address: tuple[str, int], timeout: Any = None, *_: Any, **__: Any
    ) -> socket.socket:
        """In place of socket.create_connection: loopback is reachable, of the rest `routes`."""
        real = self.routes.get(address, address)
        if real is address and address[0] != "127.0.0.1":
            raise OSError(errno.EHOSTUNREACH, "No route to host")
        return CONNECT(real, timeout)

    def context(self) -> Context:
        stack = Outputs(self.outputs)
        aws = Aws(stack)
        aws._clients = {**self.clients.by_name, "ssm": self.ssm}
        self.clients.account = self.account
        cluster = Cluster(stack)
        self.after.callback(cluster.close)
        return Context(stack, cluster, Bastion(aws, stack), aws, ThisHost(), Patience(0))

    def checked(self, number: int) -> Result:
        self.kubectl.answers(SERVICES, {"items": list(self.services.values())})
        for name in self.outputs.get("services", {}).values():
            self.kubectl.answers(f"{SERVICES}/{name}", self.services.get(name))
        nodes = [support.node(name, address) for name, address in self.nodes.items()]
        self.kubectl.answers("/api/v1/nodes", {"items": nodes})
        return result_of(CHECKS[number - 1], self.context())


def failed(result: Result) -> str:
    """What the failed statements saw; the check must have failed."""
    assert not result.ok
    return "; ".join(
        f"{DETAIL.sub('', each.expectation.action)}: {each.verdict.saw}"
        for each in result.outcomes
        if not each.verdict.ok
    )
