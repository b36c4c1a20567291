"""The settings of the Services and their load balancers."""

from typing import get_args

from components.load_balancer_controller.releases import ControllerRelease
from components.load_balancing import LoadBalancerKind, LoadBalancing, Scheme, TargetType
from components.service_spec import ApplicationSpec
from settings import rules
from settings.reader import Reader, refuse
from settings.services import read_services

# docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
_GROUP_RULES = 60
# docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
_TARGETS = 1000


def read_application(read: Reader, domain: str, release: ControllerRelease) -> ApplicationSpec:
    """The Services, the post's and those of the settings, and their load balancers."""
    balancing = _balancing(read, release)
    return ApplicationSpec(
        services=read.entries("services", lambda named: read_services(named, domain, balancing)),
        nginx_image=read.string("nginx-image", rules.image),
        balancing=balancing,
    )


def _balancing(read: Reader, release: ControllerRelease) -> LoadBalancing:
    kind, tls = read.choice("load-balancer", get_args(LoadBalancerKind)), read.flag("tls")
    target_type = read.choice("target-type", get_args(TargetType))
    return LoadBalancing(
        kind=kind,
        scheme=read.choice("load-balancer-scheme", get_args(Scheme)),
        ingress_scheme=read.choice("ingress-scheme", get_args(Scheme)),
        # EKS also lets in ICMP to a Classic Load Balancer.
        inbound_cidrs=_inbound(read, ports=2 if tls or kind == "classic" else 1),
        target_type=target_type,
        readiness_gates=target_type == "ip" and release.can_use_readiness_gates,
        tls=tls,
        load_balancer_tls=_load_balancer_tls(read),
    )


def _inbound(read: Reader, ports: int) -> tuple[str, ...]:
    cidrs = read.strings("inbound-cidrs", rules.inbound_block)
    if not cidrs:
        refuse("inbound-cidrs", [], "must name who gets in, such as 0.0.0.0/0 for everybody")
    most = _GROUP_RULES // ports
    if len(cidrs) > most:
        rule = f"must be {most} blocks at most, as a security group has {_GROUP_RULES} rules, one "
        refuse("inbound-cidrs", cidrs, f"{rule}for each block and port; join some blocks")
    return cidrs


def require_targets(application: ApplicationSpec, nodes: int) -> None:
    """Raises pulumi.RunError if the Ingress's load balancer would have more targets than AWS lets
    it: each target group has all nodes, or its pods."""
    routed = [each for each in application.services if each.host]
    most = _TARGETS // len(routed)
    rule = f"as the Ingress's load balancer has {_TARGETS} targets at most"
    if application.balancing.target_type == "instance":
        if nodes > most:
            rule = f"must be {most} at most, {rule}, all nodes for each of {len(routed)} Services"
            refuse("node-count", nodes, f"{rule}; leave out some hosts, or set target-type to ip")
        return
    pods = sum(each.server.replicas for each in routed if each.server)
    if pods > _TARGETS:
        rule = f"must be {_TARGETS} at most, {rule}; set fewer replicas"
        refuse("services", f"{pods} pods with hosts", rule)


def _load_balancer_tls(read: Reader) -> bool:
    wanted = read.flag("load-balancer-tls")
    for key, needed in (("tls", "true"), ("load-balancer", "nlb")):
        if wanted and (value := read.string(key)) != needed:
            refuse("load-balancer-tls", True, f"{key} is {value}: it must be {needed}")
    return wanted
