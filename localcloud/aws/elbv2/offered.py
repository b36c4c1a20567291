"""What the cloud's load balancers implement; anything else is refused by name."""

from localcloud.aws import errors
from localcloud.aws.elbv2 import network
from localcloud.aws.errors import AwsError

LISTENER_PROTOCOLS = {"application": {"HTTP", "HTTPS"}, "network": set(network.LISTENERS)}
GROUP_PROTOCOLS = {"HTTP", "HTTPS", *network.GROUP_PROTOCOLS}
HEALTH_PROTOCOLS = {"HTTP", "HTTPS", "TCP"}
TARGET_TYPES = {"instance", "ip"}


def not_offered(what: str) -> AwsError:
    """The error for something that the balancers do not implement."""
    return errors.not_offered(what, "InvalidConfigurationRequest")


def check_protocol(balancer_type: str, protocol: str | None) -> None:
    """Raise for a listener protocol that the balancers do not implement."""
    if protocol not in LISTENER_PROTOCOLS.get(balancer_type, set()):
        raise not_offered(f"a {protocol} listener of a {balancer_type} load balancer")


def check_target_group(protocol: str | None, target_type: str, version: str | None) -> None:
    """Raise for a kind of target group that the balancers do not implement."""
    if target_type not in TARGET_TYPES:
        raise not_offered(f"the target type {target_type}")
    if protocol not in GROUP_PROTOCOLS:
        raise not_offered(f"a target group of protocol {protocol}")
    if version not in (None, "HTTP1"):
        raise not_offered(f"the protocol version {version}")


def check_health_protocol(protocol: str | None) -> None:
    """Raise for a protocol with which the balancers cannot probe a target."""
    if protocol not in (None, *HEALTH_PROTOCOLS):
        raise not_offered(f"a health check of protocol {protocol}")
