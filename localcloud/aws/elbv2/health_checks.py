"""The settings of target groups' health checks, as AWS checks them.

docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html and
API_Matcher.html
"""

import re
from dataclasses import dataclass

from localcloud.aws.errors import AwsError

HTTP = {"HTTP", "HTTPS"}  # protocols with a path and a matcher
TRAFFIC_PORT = "traffic-port"
_CODES = r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*"


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """The settings that a call makes, None for others; `group_protocol` is the target group's."""

    group_protocol: str
    protocol: str  # after the call
    path: str | None
    port: str | None
    matcher: str | None


def check(given: HealthCheck) -> None:
    """Raise AwsError for settings that AWS refuses."""
    if given.protocol not in HTTP:
        if given.group_protocol in HTTP:
            raise _unsupported(
                f"The {given.protocol} protocol is not supported for health checks of target "
                f"groups with the {given.group_protocol} protocol"
            )
        for what, value in (("matcher", given.matcher), ("path", given.path)):
            if value:
                text = f"is not supported for health checks with the {given.protocol} protocol"
                raise _unsupported(f"A {what} {text}")
    if given.path and not given.path.startswith("/"):
        raise _invalid(f"Health check path '{given.path}' must begin with a '/' character")
    number = re.fullmatch("[0-9]{1,5}", given.port or "1")
    if given.port != TRAFFIC_PORT and not (number and 1 <= int(number[0]) <= 65535):
        text = f"must be '{TRAFFIC_PORT}' or from 1 to 65535"
        raise _invalid(f"Health check port '{given.port}' {text}")
    if given.matcher:
        _check_matcher(given.matcher, range(200, 500 if given.group_protocol in HTTP else 600))


def check_times(group_protocol: str, interval: object, timeout: object) -> None:
    """Raise AwsError unless a check ends before the next one begins; both in seconds."""
    least = int(str(timeout)) + (group_protocol in HTTP)
    if int(str(interval)) < least:
        text = f"must be smaller than the interval '{interval}'"
        raise _invalid(f"Health check timeout '{timeout}' {text}")


def _check_matcher(matcher: str, statuses: range) -> None:
    spans = [each.split("-") for each in matcher.split(",")]
    valid = re.fullmatch(_CODES, matcher) and all(
        int(each[0]) <= int(each[-1]) and {int(each[0]), int(each[-1])} <= set(statuses)
        for each in spans
    )
    if not valid:
        within = f"must be within '{statuses[0]}-{statuses[-1]}' inclusive"
        raise _invalid(f"Health check matcher HTTP code '{matcher}' {within}")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def _unsupported(message: str) -> AwsError:
    return AwsError("InvalidConfigurationRequest", message)
