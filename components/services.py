"""The Services, one of every type: ClusterIP, NodePort, LoadBalancer, ExternalName."""

from dataclasses import dataclass
from typing import Literal, get_args

import pulumi
from pulumi_kubernetes import core, meta

from components.load_balancer_controller import LoadBalancerController
from components.load_balancer_status import NO_WAIT, WAIT_FOR_HOSTNAME, load_balancer_hostname
from components.pods import WEB_PORT, WebServer
from components.workloads import NGINX, SERVER_1, SERVER_2, Workloads

Scheme = Literal["internet-facing", "internal"]
SERVICE_1 = "service-1"
SERVICE_2 = "service-2"
# The controller handles Services of this class, and EKS's own, older controller ignores them.
_NLB_CLASS = "service.k8s.aws/nlb"
_ANNOTATION = "service.beta.kubernetes.io/aws-load-balancer"


@dataclass(frozen=True, kw_only=True)
class _Variant:
    """What differs between the Services; one without a server has no ports."""

    name: str
    type: Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]
    server: WebServer | None = None
    load_balancer_class: str | None = None
    external_name: str | None = None


_VARIANTS = {
    "cluster_ip": _Variant(name="nginx-cluster-ip", type="ClusterIP", server=NGINX),
    "node_port": _Variant(name="nginx-node-port", type="NodePort", server=NGINX),
    "load_balancer": _Variant(
        name="nginx-load-balancer",
        type="LoadBalancer",
        server=NGINX,
        load_balancer_class=_NLB_CLASS,
    ),
    "external_name": _Variant(
        name="google-service", type="ExternalName", external_name="google.com"
    ),
    "service_1": _Variant(name=SERVICE_1, type="NodePort", server=SERVER_1),
    "service_2": _Variant(name=SERVICE_2, type="NodePort", server=SERVER_2),
}


@dataclass(frozen=True, kw_only=True)
class ServicesArgs:
    """`scheme` says from where the network load balancer of the controller is reached."""

    workloads: Workloads
    controller: LoadBalancerController
    scheme: Scheme

    def __post_init__(self) -> None:
        if self.scheme not in get_args(Scheme):
            choices = ", ".join(get_args(Scheme))
            raise ValueError(f"scheme is {self.scheme!r}: must be one of {choices}")


class Services(pulumi.ComponentResource):
    """Services of the web servers, and one that is a name for google.com."""

    names: dict[str, str]  # by role: cluster_ip, node_port, load_balancer ...
    node_ports: dict[str, pulumi.Output[int]]  # by name, of the Services of type NodePort
    resources: list[core.v1.Service]
    load_balancer_hostname: pulumi.Output[str]

    def __init__(
        self, name: str, args: ServicesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`opts` has the Kubernetes provider."""
        super().__init__("eks-service-types:index:Services", name, None, opts)
        services = {role: self._service(name, variant, args) for role, variant in _VARIANTS.items()}
        self.names = {role: variant.name for role, variant in _VARIANTS.items()}
        self.node_ports = {
            variant.name: services[role].spec.ports[0].node_port
            for role, variant in _VARIANTS.items()
            if variant.type == "NodePort"
        }
        self.resources = list(services.values())
        self.load_balancer_hostname = load_balancer_hostname(services["load_balancer"].status)
        self.register_outputs({"node_ports": self.node_ports})

    def _service(self, name: str, variant: _Variant, args: ServicesArgs) -> core.v1.Service:
        balanced = variant.type == "LoadBalancer"
        return core.v1.Service(
            f"{name}-{variant.name}",
            metadata=meta.v1.ObjectMetaArgs(
                name=variant.name,
                namespace=args.workloads.namespace,
                annotations=_annotations(args) if balanced else NO_WAIT,
            ),
            spec=_spec(variant),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    *args.workloads.deployments,
                    *(args.controller.ready if balanced else ()),
                ],
                # AWS cannot change a scheme: a change makes a new load balancer, with a new name.
                replace_on_changes=[f'metadata.annotations["{_ANNOTATION}-scheme"]'],
            ),
        )


def _spec(variant: _Variant) -> core.v1.ServiceSpecArgs:
    port = core.v1.ServicePortArgs(name="http", port=WEB_PORT, target_port="http", protocol="TCP")
    return core.v1.ServiceSpecArgs(
        type=variant.type,
        selector=variant.server.labels if variant.server else None,
        ports=[port] if variant.server else None,
        load_balancer_class=variant.load_balancer_class,
        external_name=variant.external_name,
    )


def _annotations(args: ServicesArgs) -> dict[str, pulumi.Input[str]]:
    public = args.scheme == "internet-facing"
    controller = args.controller
    return {
        f"{_ANNOTATION}-scheme": args.scheme,
        f"{_ANNOTATION}-subnets": controller.public_subnets
        if public
        else controller.private_subnets,
        f"{_ANNOTATION}-nlb-target-type": "instance",
        # Otherwise requests to the address in a zone without nodes would get no answer.
        f"{_ANNOTATION}-attributes": "load_balancing.cross_zone.enabled=true",
        **WAIT_FOR_HOSTNAME,
    }
