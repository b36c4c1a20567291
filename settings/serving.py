"""What is served and how it is reached, as the settings say."""

from typing import get_args

from components.load_balancing import Kind, LoadBalancing, Scheme, TargetType
from components.service_spec import ServingSpec
from settings import rules
from settings.reader import Reader, refuse
from settings.services import read_services


def read_serving(read: Reader, domain: str) -> ServingSpec:
    """The Services, the post's and those of the settings, and their load balancers."""
    balancing = _balancing(read)
    return ServingSpec(
        services=read.entries(
            "services", lambda named: read_services(named, domain, balancing.target_type)
        ),
        nginx_image=read.string("nginx-image", rules.image),
        balancing=balancing,
    )


def _balancing(read: Reader) -> LoadBalancing:
    cidrs = read.strings("inbound-cidrs", rules.inbound_block)
    if not cidrs:
        refuse("inbound-cidrs", [], "must name who gets in, such as 0.0.0.0/0 for everybody")
    return LoadBalancing(
        kind=read.choice("load-balancer", get_args(Kind)),
        scheme=read.choice("load-balancer-scheme", get_args(Scheme)),
        ingress_scheme=read.choice("ingress-scheme", get_args(Scheme)),
        inbound_cidrs=cidrs,
        target_type=read.choice("target-type", get_args(TargetType)),
        tls=read.flag("tls"),
        load_balancer_tls=_load_balancer_tls(read),
    )


def _load_balancer_tls(read: Reader) -> bool:
    wanted = read.flag("load-balancer-tls")
    for key, needed in (("tls", "true"), ("load-balancer", "nlb")):
        if wanted and (value := read.string(key)) != needed:
            refuse("load-balancer-tls", True, f"{key} is {value}: it must be {needed}")
    return wanted
