"""The Ingress: one application load balancer that picks a Service by the request's host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import networking

from components.load_balancer_status import WAIT_FOR_HOSTNAME, load_balancer_hostname
from components.pods import WEB_PORT

_ANNOTATION = "alb.ingress.kubernetes.io"
_CLASS = "alb"  # the controller's chart makes the IngressClass


@dataclass(frozen=True, kw_only=True)
class IngressArgs:
    """`routes` maps a host name to a Service; requests for other hosts go to `default_service`.
    `subnets` are the load balancer's, separated by commas; `after` is what must exist for the load
    balancer to be made, and to be deleted."""

    namespace: pulumi.Input[str]
    routes: Mapping[str, str]
    default_service: str
    subnets: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class Ingress(pulumi.ComponentResource):
    """An internet-facing load balancer that sends requests to NodePorts of the nodes."""

    hostname: pulumi.Output[str]

    def __init__(
        self, name: str, args: IngressArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """`opts` has the Kubernetes provider."""
        super().__init__("eks-service-types:index:Ingress", name, None, opts)
        ingress = networking.v1.Ingress(
            f"{name}-hosts",
            metadata={
                "name": "service-types",
                "namespace": args.namespace,
                "annotations": {
                    f"{_ANNOTATION}/scheme": "internet-facing",
                    f"{_ANNOTATION}/subnets": args.subnets,
                    f"{_ANNOTATION}/target-type": "instance",
                    f"{_ANNOTATION}/load-balancer-attributes": (
                        "routing.http.drop_invalid_header_fields.enabled=true"
                    ),
                    **WAIT_FOR_HOSTNAME,
                },
            },
            spec=networking.v1.IngressSpecArgs(
                ingress_class_name=_CLASS,
                default_backend=_backend(args.default_service),
                rules=[_rule(host, service) for host, service in args.routes.items()],
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                # If one of these changes, the controller makes a new load balancer with a new name.
                replace_on_changes=[
                    f'metadata.annotations["{_ANNOTATION}/{key}"]'
                    for key in ("scheme", "group.name")
                ],
            ),
        )
        self.hostname = load_balancer_hostname(ingress.status)
        self.register_outputs({"hostname": self.hostname})


def _rule(host: str, service: str) -> networking.v1.IngressRuleArgs:
    path = networking.v1.HTTPIngressPathArgs(
        path="/", path_type="Prefix", backend=_backend(service)
    )
    return networking.v1.IngressRuleArgs(
        host=host, http=networking.v1.HTTPIngressRuleValueArgs(paths=[path])
    )


def _backend(service: str) -> networking.v1.IngressBackendArgs:
    return networking.v1.IngressBackendArgs(
        service=networking.v1.IngressServiceBackendArgs(
            name=service, port=networking.v1.ServiceBackendPortArgs(number=WEB_PORT)
        )
    )
