"""The clients that checks use, and their controls."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from checks.aws import Aws
from checks.bastion import Bastion
from checks.kubernetes import Cluster, Service
from checks.outcome import FailedProbe, Outcome, Patience
from checks.outputs import Outputs
from checks.reach import Attempt
from checks.web import LocalMachine, Page


@dataclass(frozen=True)
class Context:
    """`here` is the machine that runs the checks, outside of the VPC."""

    outputs: Outputs
    cluster: Cluster
    bastion: Bastion
    aws: Aws
    here: LocalMachine
    patience: Patience


@dataclass(frozen=True)
class Check:
    """The check of one statement of the post. Number and title stay, for readers of results."""

    number: int
    title: str
    outcomes: Callable[[Context], Iterator[Outcome]]


def require_type(service: Service | None, kind: str) -> Service:
    """The Service; FailedProbe if it is missing or of another type."""
    if service is None or service.type != kind:
        raise FailedProbe(f"no Service of type {kind}: {service.type if service else 'it is gone'}")
    return service


def node_port_controls(context: Context, services: dict[str, Service]) -> list[str]:
    """URLs that the bastion tries as controls: the post's node ports, on a node. One answer is
    enough."""
    node = context.cluster.nodes()[0]
    roles = ("node_port", "load_balancer", "service_1", "service_2")
    posted = [services.get(context.outputs.service(role)) for role in roles]
    ports = [each.node_port for each in posted if each and each.node_port is not None]
    return [f"http://{node.internal_ip}:{port}/" for port in ports]


def load_balancer_controls(context: Context) -> list[Attempt]:
    """Connects from this machine, as controls, to the load balancers that are internet-facing or,
    if none is, to the AWS API. One that answers is enough."""
    outputs = context.outputs
    targets = []
    if outputs.ingress_scheme == "internet-facing":
        targets.append((outputs.ingress_hostname, 80))
    if outputs.load_balancer_scheme == "internet-facing":
        targets.append((outputs.load_balancer_hostname, 80))
    return context.here.connect(targets or [(f"ec2.{outputs.region}.amazonaws.com", 443)])


def pages(context: Context, urls: Sequence[str]) -> list[Callable[[], Page]]:
    """The pages at URLs of the Ingress, got here or, if it is internal, on the bastion: functions
    that return one, or raise FailedProbe if there is none."""
    if context.outputs.ingress_scheme == "internal":
        return [answer.page for answer in context.bastion.probe(urls)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        return [pool.submit(context.here.get, url).result for url in urls]


def kubectl(context: Context, what: str) -> str:
    return f"kubectl -n {context.outputs.namespace} {what}"
