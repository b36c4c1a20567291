"""The Services of the stack: each with its web server, and its host and path in the Ingress."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from components.load_balancing import LoadBalancing
from components.pods import WebServer

ServiceType = Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]
SERVICE_1 = "service-1"
SERVICE_2 = "service-2"
_NGINX = WebServer(name="nginx")
_SERVER_1 = WebServer(name="svc-1", page="svc-1")
_SERVER_2 = WebServer(name="svc-2", page="svc-2")


@dataclass(frozen=True, kw_only=True)
class ServiceSpec:
    """A Service of `server`, or, for ExternalName, a name for `target`.

    If `host` is not empty, the Ingress sends requests for this DNS name, at `path` and below it, to
    the Service. `output_key` is the Service's key in the stack's output `services`.
    """

    output_key: str
    name: str
    type: ServiceType
    server: WebServer | None = None
    target: str | None = None
    host: str = ""
    path: str = "/"


def post_services(domain: str) -> tuple[ServiceSpec, ...]:
    """The Services of the post, with hosts below `domain`."""
    return (
        ServiceSpec(
            output_key="cluster_ip", name="nginx-cluster-ip", type="ClusterIP", server=_NGINX
        ),
        ServiceSpec(output_key="node_port", name="nginx-node-port", type="NodePort", server=_NGINX),
        ServiceSpec(
            output_key="load_balancer",
            name="nginx-load-balancer",
            type="LoadBalancer",
            server=_NGINX,
        ),
        ServiceSpec(
            output_key="external_name",
            name="google-service",
            type="ExternalName",
            target="google.com",
        ),
        ServiceSpec(
            output_key="service_1",
            name=SERVICE_1,
            type="NodePort",
            server=_SERVER_1,
            host=f"svc1.{domain}",
        ),
        ServiceSpec(
            output_key="service_2",
            name=SERVICE_2,
            type="NodePort",
            server=_SERVER_2,
            host=f"svc2.{domain}",
        ),
    )


def default_host(domain: str) -> str:
    """The post's host without an Ingress rule: the default backend, SERVICE_1, answers it."""
    return f"svc.{domain}"


def nlb_host(domain: str) -> str:
    """The name that leads to the LoadBalancer Service of the post, if that serves TLS."""
    return f"nlb.{domain}"


def servers(services: Iterable[ServiceSpec]) -> list[WebServer]:
    """The web servers behind Services, each once."""
    return list(dict.fromkeys(each.server for each in services if each.server))


def by_host(services: Sequence[ServiceSpec]) -> dict[str, list[ServiceSpec]]:
    """The Services of each host, in their order."""
    hosts = dict.fromkeys(each.host for each in services if each.host)
    return {host: [each for each in services if each.host == host] for host in hosts}


@dataclass(frozen=True, kw_only=True)
class ApplicationSpec:
    """All Services, and their load balancers; `nginx_image` is an nginx that runs as user 101."""

    services: tuple[ServiceSpec, ...]
    nginx_image: str
    balancing: LoadBalancing

    @property
    def ingress_rules(self) -> list[dict[str, str | None]]:
        """For the stack's output `hosts`: each host and path, the Service behind it, and its page,
        which is None for an image other than nginx."""
        return [
            {
                "host": each.host,
                "path": each.path,
                "service": each.name,
                "page": each.server.page if each.server else None,
            }
            for each in self.services
            if each.host
        ]
