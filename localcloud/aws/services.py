"""The AWS services that the cloud offers, and how to find the one that a request is for."""

import re
from dataclasses import dataclass

from localcloud.aws.errors import AwsError
from localcloud.aws.request import Request
from localcloud.aws.s3_addressing import is_s3_host, region_of


@dataclass(frozen=True)
class Service:
    """`name` is the signing name, `model` botocore's folder and moto's package, `topic` the one of
    `Changes` to notify, and `ours` whether the service is implemented here instead of by moto."""

    name: str
    model: str
    topic: str
    ours: bool


def _service(name: str, model: str = "", topic: str = "", ours: bool = False) -> Service:
    return Service(name, model or name, topic or name, ours)


SERVICES = {
    service.name: service
    for service in (
        _service("sts"),
        _service("iam"),
        _service("ec2"),
        _service("elasticloadbalancing", "elbv2", "elbv2"),
        _service("route53"),
        _service("eks", ours=True),
        _service("eks-auth", ours=True),
        _service("ssm", ours=True),
        _service("kms"),
        _service("logs"),
        _service("acm", ours=True),
        _service("s3"),
        _service("wafv2", ours=True),
        _service("tagging", "resourcegroupstaggingapi"),
    )
}

CLASSIC = Service("elasticloadbalancing", "elb", "elbv2", ours=True)  # an older API, same name
_CLASSIC_VERSION = re.compile(rb"(?:^|&)Version=2012-06-01(?:&|$)")
UNSIGNED_ACTIONS = {"AssumeRoleWithWebIdentity": "sts"}
_HOST = re.compile(r"(?P<first>[a-z0-9-]+)(\.(?P<second>[a-z0-9-]+))?.*\.(amazonaws\.com|api\.aws)")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
DEFAULT_REGION = "us-east-1"  # where AWS keeps its global services


@dataclass(frozen=True)
class Scope:
    """Which service and region a request is for, and the access key that it names."""

    service: str
    region: str
    key_id: str | None


def scope_of(request: Request) -> Scope:
    """From the signature's scope, else the host, else the action of an unsigned request.

    Raises AwsError if none of them names a service.
    """
    credential = _credential(request)
    if credential:
        return Scope(credential[3].lower(), credential[2], credential[0])
    if is_s3_host(request.host):
        return Scope("s3", region_of(request.host) or DEFAULT_REGION, None)
    if match := _HOST.fullmatch(request.host):
        return _scope_of_host(match["first"], match["second"] or "")
    action = _ACTION.search(request.body) or _ACTION.search(request.query.encode())
    if action and (service := UNSIGNED_ACTIONS.get(action[1].decode())):
        return Scope(service, DEFAULT_REGION, None)
    raise AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403)


def _scope_of_host(first: str, second: str) -> Scope:
    region = second if _REGION.fullmatch(second) else DEFAULT_REGION
    return Scope(first, region, None)


def _credential(request: Request) -> list[str] | None:
    """Key id, date, region, service, "aws4_request", from the header or the query."""
    for text in (request.headers.get("authorization", ""), request.query):
        match = re.search(r"Credential=([^,&\s]+)", text)
        if match:
            parts = match[1].replace("%2F", "/").replace("%2f", "/").split("/")
            if len(parts) == 5:
                return parts
    return None


def find(name: str, request: Request) -> Service:
    """The service of that name. Raises AwsError if the cloud does not have it.

    The two APIs of Elastic Load Balancing differ by the request's Version.
    """
    sent = request.body or request.query.encode()
    if name == CLASSIC.name and _CLASSIC_VERSION.search(sent):
        return CLASSIC
    try:
        return SERVICES[name]
    except KeyError:
        names = ", ".join(sorted(SERVICES))
        raise AwsError(
            "UnknownService",
            f"the service {name} is not offered by the local cloud, which has: {names}",
        ) from None
