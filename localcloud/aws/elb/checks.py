"""What AWS refuses, and what the cloud's Classic Load Balancers do not implement."""

import re
from collections.abc import Iterable
from typing import Any

from moto.ec2.models.subnets import Subnet

from localcloud.aws import errors
from localcloud.aws import tags as tags_of
from localcloud.aws.ec2.backend import Ec2
from localcloud.aws.elb_backend import Listener
from localcloud.aws.elbv2 import subnets as subnets_of
from localcloud.aws.errors import AwsError

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
LAYERS = {"HTTP": 7, "HTTPS": 7, "TCP": 4, "SSL": 4}
OFFERED = ("HTTP", "TCP")
PORTS = range(1, 65536)
DRAINING = range(1, 3601)  # .../latest/classic/config-conn-drain.html
MOST = 20  # load balancers: .../latest/classic/elb-limits.html
_TARGET = re.compile(r"(?P<protocol>[A-Za-z]+):(?P<port>\d{1,5})(?P<path>/.*)?")
TARGET_LENGTH = 1024
DESYNC_MODE = "elb.http.desyncmitigationmode"


def conflict(message: str) -> AwsError:
    return AwsError("InvalidConfigurationRequest", message, 409)


def invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def not_offered(what: str) -> AwsError:
    return errors.not_offered(what, "InvalidConfigurationRequest", 409)


def check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise invalid(
            f"LoadBalancer name '{name}': 32 letters, digits and hyphens at most, no hyphen at "
            "either end"
        )


def listener(given: dict[str, Any]) -> Listener:
    """A listener with its protocols in capitals and InstanceProtocol filled in."""
    protocol = given["Protocol"].upper()
    inner = given.get("InstanceProtocol", protocol).upper()
    for each in (protocol, inner):
        if each not in LAYERS:
            raise AwsError("UnsupportedProtocol", f"The protocol {each} is not supported")
    if LAYERS[protocol] != LAYERS[inner]:
        raise conflict(f"A {protocol} listener cannot send to instances by {inner}")
    for each in (protocol, inner):
        if each not in OFFERED:
            raise not_offered(f"the protocol {each} of a Classic Load Balancer's listener")
    if given.get("SSLCertificateId"):
        raise conflict(f"A certificate cannot be specified for a {protocol} listener")
    if given["LoadBalancerPort"] not in PORTS:
        raise invalid(f"LoadBalancerPort {given['LoadBalancerPort']}: must be from 1 to 65535")
    ports = {name: given[name] for name in ("LoadBalancerPort", "InstancePort")}
    return {"Protocol": protocol, "InstanceProtocol": inner, **ports}


def merged_listeners(present: list[Listener], given: Iterable[dict[str, Any]]) -> list[Listener]:
    """The listeners with further ones. Repeating a listener is no error; a different one on the
    same port is."""
    found = {each["LoadBalancerPort"]: each for each in present}
    for each in map(listener, given):
        port = each["LoadBalancerPort"]
        if found.setdefault(port, each) != each:
            message = f"A listener already exists on port {port}, with other settings"
            raise AwsError("DuplicateListener", message)
    return list(found.values())


def subnets(ec2: Ec2, ids: Iterable[str], scheme: str) -> list[Subnet]:
    """The subnets of these ids. Raises AwsError unless a load balancer can have them."""
    found = subnets_of.found(ec2, dict.fromkeys(ids))
    subnets_of.check(ec2, found, scheme, status=409)
    return found


def target(text: str) -> tuple[str, int, str]:
    """The protocol, port and path of a health check's target, such as HTTP:80/ping."""
    found = _TARGET.fullmatch(text)
    protocol = found["protocol"].upper() if found else ""
    if not found or protocol not in LAYERS:
        raise invalid(f"HealthCheck target '{text}' must begin with one of HTTP, TCP, HTTPS, SSL")
    if int(found["port"]) not in PORTS or len(text) > TARGET_LENGTH:
        raise invalid(f"HealthCheck target '{text}': the port is 1 to 65535, the length 1024")
    if (found["path"] is None) != (LAYERS[protocol] == 4):
        raise invalid(f"HealthCheck target '{text}': HTTP has a path, TCP has none")
    if protocol not in OFFERED:
        raise not_offered(f"a health check by {protocol}")
    return protocol, int(found["port"]), found["path"] or "/"


def check_health_check(given: dict[str, Any]) -> None:
    target(given["Target"])
    if given["Timeout"] >= given["Interval"]:
        raise invalid("HealthCheck timeout must be less than interval")


def check_attributes(given: dict[str, Any]) -> None:
    """Refuse attributes that AWS refuses, or that are not implemented."""
    seconds = (given.get("ConnectionDraining") or {}).get("Timeout", 300)
    if seconds not in DRAINING:
        text = f"must be from {DRAINING[0]} to {DRAINING[-1]} seconds"
        raise invalid(f"ConnectionDraining timeout {seconds}: {text}")
    if (given.get("AccessLog") or {}).get("Enabled"):
        raise not_offered("an access log of a Classic Load Balancer")
    for each in given.get("AdditionalAttributes") or []:
        if (each.get("Key"), each.get("Value")) != (DESYNC_MODE, "defensive"):
            raise not_offered(f"the attribute {each.get('Key')}={each.get('Value')}")


def merged_tags(given: Iterable[dict[str, str]], present: dict[str, str]) -> dict[str, str]:
    """The tags with further ones."""
    given = list(given)
    if len({each["Key"] for each in given}) < len(given):
        raise AwsError("DuplicateTagKeys", "A tag key occurs twice in the request")
    return tags_of.added(present, given, "A load balancer", "ValidationError", "TooManyTags")
