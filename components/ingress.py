"""The Ingress: one Application Load Balancer, which selects a Service by host and path."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import networking

from components.access_logs import ALB, LogDestination
from components.firewall import NO_WEB_ACL
from components.load_balancer_controller import LoadBalancerController
from components.load_balancer_status import WAIT_FOR_HOSTNAME, load_balancer_hostname
from components.load_balancing import HTTPS_PORT, SSL_POLICY
from components.pods import WEB_PORT
from components.service_spec import ApplicationSpec, ServiceSpec, by_host

_ANNOTATION = "alb.ingress.kubernetes.io"
_CLASS = "alb"  # the controller's chart makes the IngressClass


@dataclass(frozen=True, kw_only=True)
class IngressArgs:
    """Requests for a Service's host and path go to it, all others to `default_service`. `after` is
    what must exist, besides the controller, while the load balancer is created and deleted. With a
    certificate it serves HTTPS, and redirects HTTP to it. `web_acl` is what `firewall.web_acl`
    returns."""

    spec: ApplicationSpec
    namespace: pulumi.Input[str]
    default_service: str
    controller: LoadBalancerController
    after: Sequence[pulumi.Resource]
    certificate_arn: pulumi.Input[str] | None = None
    logs: LogDestination = LogDestination()  # noqa: RUF009 (it is frozen)
    web_acl: pulumi.Input[str] = ""


class Ingress(pulumi.ComponentResource):
    """A load balancer that sends requests to NodePorts of the nodes, or to pods."""

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
                "annotations": _annotations(args),
            },
            spec=networking.v1.IngressSpecArgs(
                ingress_class_name=_CLASS,
                default_backend=_backend(args.default_service),
                rules=[
                    _rule(host, services) for host, services in by_host(args.spec.services).items()
                ],
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*args.controller.ready, *args.logs.ready, *args.after],
                # If one of these changes, the controller makes a new load balancer with a new name.
                replace_on_changes=[
                    f'metadata.annotations["{_ANNOTATION}/{key}"]'
                    for key in ("scheme", "group.name")
                ],
            ),
        )
        self.hostname = load_balancer_hostname(ingress.status)
        self.register_outputs({"hostname": self.hostname})


def _annotations(args: IngressArgs) -> dict[str, pulumi.Input[str]]:
    balancing = args.spec.balancing
    groups = balancing.target_group_attributes
    return {
        f"{_ANNOTATION}/scheme": balancing.ingress_scheme,
        f"{_ANNOTATION}/subnets": args.controller.subnets(balancing.ingress_scheme),
        f"{_ANNOTATION}/target-type": balancing.target_type,
        f"{_ANNOTATION}/inbound-cidrs": ",".join(balancing.inbound_cidrs),
        f"{_ANNOTATION}/load-balancer-attributes": pulumi.Output.concat(
            "routing.http.drop_invalid_header_fields.enabled=true,", args.logs.attributes(ALB)
        ),
        **({f"{_ANNOTATION}/target-group-attributes": groups} if groups else {}),
        **_tls(args.certificate_arn),
        **_web_acl(args),
        **WAIT_FOR_HOSTNAME,
    }


def _tls(certificate_arn: pulumi.Input[str] | None) -> dict[str, pulumi.Input[str]]:
    if certificate_arn is None:
        return {}
    return {
        f"{_ANNOTATION}/certificate-arn": certificate_arn,
        f"{_ANNOTATION}/listen-ports": json.dumps([{"HTTP": WEB_PORT}, {"HTTPS": HTTPS_PORT}]),
        f"{_ANNOTATION}/ssl-redirect": str(HTTPS_PORT),
        f"{_ANNOTATION}/ssl-policy": SSL_POLICY,
    }


def _web_acl(args: IngressArgs) -> dict[str, pulumi.Input[str]]:
    # A controller that does not know `none` disassociates the web ACL when the annotation is gone.
    unknown = args.web_acl == NO_WEB_ACL and not args.controller.release.keeps_web_acl
    return {} if unknown or args.web_acl == "" else {f"{_ANNOTATION}/wafv2-acl-arn": args.web_acl}


def _rule(host: str, services: Sequence[ServiceSpec]) -> networking.v1.IngressRuleArgs:
    """The controller puts longer paths first."""
    paths = [
        networking.v1.HTTPIngressPathArgs(
            path=each.path, path_type="Prefix", backend=_backend(each.name)
        )
        for each in services
    ]
    return networking.v1.IngressRuleArgs(
        host=host, http=networking.v1.HTTPIngressRuleValueArgs(paths=paths)
    )


def _backend(service: str) -> networking.v1.IngressBackendArgs:
    return networking.v1.IngressBackendArgs(
        service=networking.v1.IngressServiceBackendArgs(
            name=service, port=networking.v1.ServiceBackendPortArgs(number=WEB_PORT)
        )
    )
