"""The names that AWS gives to load balancers and their interfaces."""

import re
import zlib

from localcloud.aws.errors import AwsError

ARN_KIND = {"application": "app", "network": "net"}
DESCRIPTION = "ELB "  # how the description of a balancer's interface begins


def check(name: str) -> None:
    """Raise AwsError for a name that a load balancer cannot have.

    docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    """
    what = f"Load balancer name '{name}' cannot"
    wrong = {
        "be longer than '32' characters": len(name) > 32,
        "contain characters that are not alphanumeric characters or hyphens(-)": re.search(
            "[^A-Za-z0-9-]", name
        ),
        "begin or end with '-'": name.strip("-") != name,
        "begin with 'internal-'": name.startswith("internal-"),
    }
    for rule, broken in wrong.items():
        if broken:
            raise AwsError("ValidationError", f"{what} {rule}")


def dns_name(name: str, number: str, balancer_type: str, scheme: str, region: str) -> str:
    """The DNS name of a balancer, in AWS's form for its type; `number` makes it unique."""
    if balancer_type == "network":
        return f"{name}-{number}.elb.{region}.amazonaws.com"
    prefix = "internal-" if scheme == "internal" else ""
    return f"{prefix}{name}-{number}.{region}.elb.amazonaws.com"


def number_of(arn: str) -> str:
    """The number in the DNS name of a balancer, derived from its ARN."""
    return str(zlib.crc32(arn.encode()))


def with_kind(arn: str, balancer_type: str) -> str:
    """The ARN with app/ or net/ according to the type; moto always writes app/."""
    return arn.replace(":loadbalancer/app/", f":loadbalancer/{ARN_KIND[balancer_type]}/")


def interface_description(arn: str) -> str:
    """`ELB app/<name>/<id>`, the description of a balancer's interfaces; `ELB <name>` if it is
    classic."""
    return DESCRIPTION + arn.partition(":loadbalancer/")[2]


def network_namespace_of(name: str) -> str:
    """The network namespace in which a balancer runs."""
    return f"elb-{name}"


def network_namespace_of_classic(name: str) -> str:
    """The network namespace of a Classic Load Balancer: one of another type may have its name."""
    return f"clb-{name}"


def namespace_of_interface(description: str) -> str | None:
    """The network namespace of an interface by its description; None if it is not a balancer's."""
    if not description.startswith(DESCRIPTION):
        return None
    kind, _, rest = description.removeprefix(DESCRIPTION).partition("/")
    return (
        network_namespace_of(rest.partition("/")[0]) if rest else network_namespace_of_classic(kind)
    )
