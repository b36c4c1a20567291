"""The clients that checks use, and their controls."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks.aws import Aws
from checks.bastion import Bastion
from checks.kubernetes import Cluster, Service
from checks.outcome import FailedProbe, Outcome, Patience
from checks.outputs import Outputs
from checks.reach import Attempt
from checks.web import LocalMachine


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
    """URLs that the bastion tries as controls: all node ports of a node. One answer is enough."""
    node = context.cluster.nodes()[0]
    ports = [each.node_port for each in services.values() if each.node_port is not None]
    return [f"http://{node.internal_ip}:{port}/" for port in ports]


def load_balancer_controls(context: Context) -> list[Attempt]:
    """Connects from this machine, as controls, to the load balancers that are internet-facing. One
    that answers is enough."""
    hosts = [context.outputs.ingress_hostname]
    if context.outputs.load_balancer_scheme == "internet-facing":
        hosts.append(context.outputs.load_balancer_hostname)
    return context.here.connect([(host, 80) for host in hosts])


def kubectl(context: Context, what: str) -> str:
    return f"kubectl -n {context.outputs.namespace} {what}"
