"""What checks share: the clients, the deadline, and controls."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from checks.aws import Aws
from checks.bastion import Bastion
from checks.kubernetes import Cluster, Service
from checks.outcome import FailedProbe, Outcome, Patience
from checks.outputs import Outputs
from checks.reach import Attempt
from checks.web import Page, ThisHost


@dataclass(frozen=True)
class Context:
    """`this_host` is the host on which the checks run, outside the VPC; texts call it "here"."""

    outputs: Outputs
    cluster: Cluster
    bastion: Bastion
    aws: Aws
    this_host: ThisHost
    patience: Patience


@dataclass(frozen=True)
class Check:
    """The check of one statement. Its number and title never change: results are known by them."""

    number: int
    title: str
    outcomes: Callable[[Context], Iterator[Outcome]]


def require_type(service: Service | None, wanted: str) -> Service:
    """The Service; FailedProbe if it is missing or of another type."""
    if service is None or service.type != wanted:
        found = service.type if service else "it is gone"
        raise FailedProbe(f"no Service of type {wanted}: {found}")
    return service


def node_port_controls(context: Context, services: dict[str, Service]) -> list[str]:
    """Controls from the bastion: URLs of the post's node ports, on one node. One that answers is
    enough."""
    node = context.cluster.nodes()[0]
    keys = ("node_port", "load_balancer", "service_1", "service_2")
    found = [services.get(context.outputs.service(key)) for key in keys]
    ports = [each.node_port for each in found if each and each.node_port is not None]
    return [f"http://{node.internal_ip}:{port}/" for port in ports]


def load_balancer_controls(context: Context) -> list[Attempt]:
    """Controls from this host: connections to the load balancers that are internet-facing or, if
    none is, to the AWS API. One that answers is enough."""
    outputs = context.outputs
    targets = []
    if outputs.ingress_scheme == "internet-facing":
        targets.append((outputs.ingress_hostname, 80))
    if outputs.load_balancer_scheme == "internet-facing":
        targets.append((outputs.load_balancer_hostname, 80))
    return context.this_host.connect(targets or [(f"ec2.{outputs.region}.amazonaws.com", 443)])


def pages(context: Context, urls: Sequence[str]) -> list[Callable[[], Page]]:
    """Fetches URLs of the Ingress, from this host or, if it is internal, from the bastion. Returns
    a function for each URL, which returns its page, or raises FailedProbe if there is none."""
    if context.outputs.ingress_scheme == "internal":
        return [answer.page for answer in context.bastion.probe(urls)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        return [pool.submit(context.this_host.get, url).result for url in urls]


def kubectl_hint(context: Context, what: str) -> str:
    """The text of a kubectl command that shows the cause of a failure."""
    return f"kubectl -n {context.outputs.namespace} {what}"
