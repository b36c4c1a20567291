"""A whole stack on loopback, of which tests break one thing at a time."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from checks.aws import Aws
from checks.bastion import Bastion
from checks.kubernetes import Cluster
from checks.post import CHECKS
from checks.report import REMARK
from checks.runner import result_of
from checks.stack import Stack
from checks.statement import Patience, Result
from checks.web import Here
from checks.world import World
from tests.unit.checks import support
from tests.unit.checks.fake_aws import ALB, NLB, Clients, FakeAws
from tests.unit.checks.servers import serving
from tests.unit.checks.support import FakeSsm, Kubectl, Network

SERVICES = f"/api/v1/namespaces/{support.NAMESPACE}/services"
PODS = f"/api/v1/namespaces/{support.NAMESPACE}/pods?labelSelector=app%3Dnginx"
POD = "pod/nginx-554b9c67f9-rwbp7"
CLUSTER_IP = "127.0.0.9"
PAGES = {"svc1.example.com": "svc-1", "svc2.example.com": "svc-2", "svc.example.com": "svc-1"}


@dataclass(frozen=True)
class Servers:
    """Real servers, by port: nginx (on each node), the ALB, the cluster's DNS and the public one.
    What the last three answer is in the dicts, which each test starts anew."""

    nginx: int
    alb: int
    cluster_dns: int
    public_dns: int
    pages: dict[str, str]
    cluster_names: dict[str, str]
    public_names: dict[str, str]


@dataclass
class Stand:
    """Everything a check looks at. `services` are shown to kubectl when `checked` runs."""

    outputs: dict[str, Any]
    kubectl: Kubectl
    network: Network
    account: FakeAws
    ssm: FakeSsm
    clients: Clients
    servers: Servers
    services: dict[str, dict[str, Any]]
    nodes: dict[str, str]  # instance id -> address
    after: ExitStack

    @property
    def proxy(self) -> str:
        """Where the API server shows the page of the ClusterIP Service."""
        return f"{SERVICES}/http:nginx-cluster-ip:{self.servers.nginx}/proxy/"

    def serves(
        self, page: str, address: str = "127.0.0.1", port: int = 0, status: int = 200
    ) -> int:
        """Serve a page until the test ends; gives the port."""
        return self.after.enter_context(serving(lambda _: page, address, port, status))

    def leads(self, host: str, port: int, address: str = "127.0.0.1") -> None:
        """Let this machine reach a host's ports, 80 and `port`, at an address and port."""
        self.network.routes |= {(host, each): (address, port) for each in (80, port)}

    def world(self) -> World:
        stack = Stack(self.outputs)
        aws = Aws(stack)
        aws._clients = {**self.clients.by_name, "ssm": self.ssm}
        self.clients.account = self.account
        cluster = Cluster(stack)
        self.after.callback(cluster.close)
        return World(stack, cluster, Bastion(aws, stack), aws, Here(), Patience(0))

    def checked(self, number: int) -> Result:
        self.kubectl.answers(SERVICES, {"items": list(self.services.values())})
        for name in self.outputs.get("services", {}).values():
            self.kubectl.answers(f"{SERVICES}/{name}", self.services.get(name))
        nodes = [support.node(name, address) for name, address in self.nodes.items()]
        self.kubectl.answers("/api/v1/nodes", {"items": nodes})
        return result_of(CHECKS[number - 1], self.world())


def failed(result: Result) -> str:
    """What the failed statements saw; the check must have failed."""
    assert not result.ok
    return "; ".join(
        f"{REMARK.sub('', each.claim.did)}: {each.verdict.saw}"
        for each in result.statements
        if not each.verdict.ok
    )


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
        "load_balancer_scheme": "internet-facing",
        "services": {
            "cluster_ip": "nginx-cluster-ip",
            "node_port": "nginx-node-port",
            "load_balancer": "nginx-load-balancer",
            "external_name": "google-service",
            "service_1": "service-1",
            "service_2": "service-2",
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
    ]
    return {each["metadata"]["name"]: each for each in found}
