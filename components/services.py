"""The Services, of every type: ClusterIP, NodePort, LoadBalancer, ExternalName."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta

from components.access_logs import NLB, LogDestination
from components.load_balancer_controller import LoadBalancerController
from components.load_balancer_status import NO_WAIT, WAIT_FOR_HOSTNAME, load_balancer_hostname
from components.load_balancing import HTTPS_PORT, SSL_POLICY
from components.network import EVERYWHERE
from components.pods import WEB_PORT
from components.service_spec import ApplicationSpec, ServiceSpec
from components.workloads import Workloads

# The controller handles Services of this class. EKS's own, older controller ignores them, and makes
# Classic Load Balancers for those without a class.
_NLB_CLASS = "service.k8s.aws/nlb"
_ANNOTATION = "service.beta.kubernetes.io/aws-load-balancer"
# A change of these makes a new load balancer, with a new name: AWS cannot change a scheme, nor
# Kubernetes a class.
_REPLACING = (
    f'metadata.annotations["{_ANNOTATION}-scheme"]',
    f'metadata.annotations["{_ANNOTATION}-internal"]',
    "spec.loadBalancerClass",
)


@dataclass(frozen=True, kw_only=True)
class ServicesArgs:
    """One of the Services has the output key load_balancer. With `load_balancer_tls` in `spec`,
    Network Load Balancers also serve TLS with the certificate, and send the servers plain TCP."""

    spec: ApplicationSpec
    workloads: Workloads
    controller: LoadBalancerController
    certificate_arn: pulumi.Input[str] | None = None
    logs: LogDestination = LogDestination()  # noqa: RUF009 (it is frozen)


class Services(pulumi.ComponentResource):
    """A Service of each ServiceSpec."""

    names: dict[str, str]  # by output key: cluster_ip, node_port, load_balancer ...
    node_ports: dict[str, pulumi.Output[int]]  # by name, of the Services of type NodePort
    resources: list[core.v1.Service]
    load_balancer_hostname: pulumi.Output[str]

    def __init__(
        self, name: str, args: ServicesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`opts` has the Kubernetes provider."""
        super().__init__("eks-service-types:index:Services", name, None, opts)
        made = {spec.output_key: self._service(name, spec, args) for spec in args.spec.services}
        self.names = {spec.output_key: spec.name for spec in args.spec.services}
        self.node_ports = {
            spec.name: made[spec.output_key].spec.ports[0].node_port
            for spec in args.spec.services
            if spec.type == "NodePort"
        }
        self.resources = list(made.values())
        self.load_balancer_hostname = load_balancer_hostname(made["load_balancer"].status)
        self.register_outputs({"node_ports": self.node_ports})

    def _service(self, name: str, service: ServiceSpec, args: ServicesArgs) -> core.v1.Service:
        balanced = service.type == "LoadBalancer"
        by_controller = balanced and args.spec.balancing.kind == "nlb"
        return core.v1.Service(
            f"{name}-{service.name}",
            metadata=meta.v1.ObjectMetaArgs(
                name=service.name,
                namespace=args.workloads.namespace,
                annotations={
                    **(_balancer_annotations(args) if balanced else NO_WAIT),
                    **_ingress_health_check(service),
                },
            ),
            spec=_kubernetes_spec(service, args),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    *args.workloads.deployments,
                    *((*args.controller.ready, *args.logs.ready) if by_controller else ()),
                ],
                replace_on_changes=list(_REPLACING),
            ),
        )


def _kubernetes_spec(service: ServiceSpec, args: ServicesArgs) -> core.v1.ServiceSpecArgs:
    balanced, balancing = service.type == "LoadBalancer", args.spec.balancing
    ports = {"http": WEB_PORT}
    if balanced and balancing.load_balancer_tls:
        ports["https"] = HTTPS_PORT
    # No ranges for 0.0.0.0/0: an internal load balancer then lets only the VPC in.
    limited = balanced and list(balancing.inbound_cidrs) != [EVERYWHERE]
    return core.v1.ServiceSpecArgs(
        type=service.type,
        selector=service.server.labels if service.server else None,
        ports=[
            core.v1.ServicePortArgs(name=name, port=port, target_port="http", protocol="TCP")
            for name, port in ports.items()
        ]
        if service.server
        else None,
        load_balancer_class=_NLB_CLASS if balanced and balancing.kind == "nlb" else None,
        load_balancer_source_ranges=list(balancing.inbound_cidrs) if limited else None,
        external_name=service.target,
    )


def _balancer_annotations(args: ServicesArgs) -> dict[str, pulumi.Input[str]]:
    balancing = args.spec.balancing
    if balancing.kind == "classic":
        internal = {f"{_ANNOTATION}-internal": "true"} if balancing.scheme == "internal" else {}
        return {**internal, **WAIT_FOR_HOSTNAME}
    groups = balancing.target_group_attributes
    return {
        f"{_ANNOTATION}-scheme": balancing.scheme,
        f"{_ANNOTATION}-subnets": args.controller.subnets(balancing.scheme),
        f"{_ANNOTATION}-nlb-target-type": balancing.target_type,
        # Otherwise the address in an Availability Zone without targets would not answer.
        f"{_ANNOTATION}-attributes": pulumi.Output.concat(
            "load_balancing.cross_zone.enabled=true,", args.logs.attributes(NLB)
        ),
        **({f"{_ANNOTATION}-target-group-attributes": groups} if groups else {}),
        **(_tls(args.certificate_arn) if balancing.load_balancer_tls else {}),
        **WAIT_FOR_HOSTNAME,
    }


def _tls(certificate_arn: pulumi.Input[str] | None) -> dict[str, pulumi.Input[str]]:
    assert certificate_arn is not None, "the settings refuse load-balancer-tls without tls"
    return {
        f"{_ANNOTATION}-ssl-cert": certificate_arn,
        f"{_ANNOTATION}-ssl-ports": str(HTTPS_PORT),
        f"{_ANNOTATION}-ssl-negotiation-policy": SSL_POLICY,
    }


def _ingress_health_check(spec: ServiceSpec) -> dict[str, str]:
    """How the Ingress's load balancer checks targets with an image other than nginx: as the pods'
    probes do. The annotations are on the Service, as each has a path of its own."""
    if not spec.host or spec.server is None or not spec.server.image:
        return {}
    return {
        "alb.ingress.kubernetes.io/healthcheck-path": spec.server.health_path,
        "alb.ingress.kubernetes.io/success-codes": "200-399",
    }
