"""The names that AWS gives to load balancers and their interfaces."""

import zlib

ARN_KIND = {"application": "app", "network": "net"}
DESCRIPTION = "ELB "  # with which the description of a balancer's interface begins


def dns_name(name: str, number: str, balancer_type: str, scheme: str, region: str) -> str:
    """The DNS name of a balancer, as AWS forms it for its type; `number` makes it unique."""
    prefix = "internal-" if scheme == "internal" and balancer_type == "application" else ""
    if balancer_type == "network":
        return f"{name}-{number}.elb.{region}.amazonaws.com"
    return f"{prefix}{name}-{number}.{region}.elb.amazonaws.com"


def number_of(arn: str) -> str:
    """A number for a DNS name, ever the same for one ARN (so that no state holds it)."""
    return str(zlib.crc32(arn.encode()))


def with_kind(arn: str, balancer_type: str) -> str:
    """The ARN of a balancer with its type's kind: moto says app/ for every one."""
    return arn.replace(":loadbalancer/app/", f":loadbalancer/{ARN_KIND[balancer_type]}/")


def interface_description(arn: str) -> str:
    """`ELB app/<name>/<id>`, the description of a balancer's interfaces."""
    return DESCRIPTION + arn.partition(":loadbalancer/")[2]


def host(name: str) -> str:
    """The namespace in which a balancer runs."""
    return f"elb-{name}"


def host_of_interface(description: str) -> str | None:
    """The host of an interface by its description, or None when no balancer has it."""
    if not description.startswith(DESCRIPTION):
        return None
    return host(description.removeprefix(DESCRIPTION).split("/")[1])
