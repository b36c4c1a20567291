"""What a check looks with, and the controls that prove it looks at all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks.aws import Aws
from checks.bastion import Bastion
from checks.kubernetes import Cluster, Service
from checks.reach import Attempt
from checks.stack import Stack
from checks.statement import FailedProbe, Patience, Statement
from checks.web import Here


@dataclass(frozen=True)
class World:
    """`here` is the machine the checks run on: outside of the VPC."""

    stack: Stack
    cluster: Cluster
    bastion: Bastion
    aws: Aws
    here: Here
    patience: Patience


@dataclass(frozen=True)
class Check:
    """One thing the post shows; its number and title stay, for those who read results."""

    number: int
    title: str
    statements: Callable[[World], Iterator[Statement]]


def of_type(service: Service | None, kind: str) -> Service:
    """The Service, if it is of the type that the post speaks of."""
    if service is None or service.type != kind:
        raise FailedProbe(f"no Service of type {kind}: {service.type if service else 'it is gone'}")
    return service


def node_port_urls(world: World, services: dict[str, Service]) -> list[str]:
    """Controls for the bastion: each node port there is, on one node."""
    node = world.cluster.nodes()[0]
    ports = [each.node_port for each in services.values() if each.node_port is not None]
    return [f"http://{node.internal_ip}:{port}/" for port in ports]


def balancers(world: World) -> list[Attempt]:
    """Controls for here: the stack's load balancers, those for the world. One is enough."""
    hosts = [world.stack.ingress_hostname]
    if world.stack.load_balancer_scheme == "internet-facing":
        hosts.append(world.stack.load_balancer_hostname)
    return world.here.knock([(host, 80) for host in hosts])


def kubectl(world: World, what: str) -> str:
    return f"kubectl -n {world.stack.namespace} {what}"
