"""Checks of the attributes that a call sets."""

import re
from collections.abc import Iterable, Mapping

from localcloud.aws.elbv2 import attributes
from localcloud.aws.elbv2.attributes import Table
from localcloud.aws.elbv2.offered import not_offered
from localcloud.aws.errors import AwsError

Given = Mapping[str, str]
MOST = 20  # attributes in a call
RESERVED_COOKIES = ("AWSALB", "AWSALBAPP", "AWSALBTG")
COOKIE_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"  # a token of RFC 7230


def check_balancer(given: Given, kind: str) -> None:
    """Raise AwsError unless the attributes can be set on a load balancer of a type."""
    for name in attributes.DUALSTACK & set(given):
        text = "is not supported on load balancers with IP address type 'ipv4'"
        raise _unsupported(f"Load balancer attribute key '{name}' {text}")
    tables = attributes.BALANCERS
    place = f"load balancers with type '{kind}'"
    _check(given, tables[kind], tables.values(), "load balancer", place)


def check_group(given: Given, present: Given, protocol: str, target_type: str) -> None:
    """Raise AwsError unless the attributes can be set on a target group that has `present`."""
    table = attributes.of_group(protocol, target_type)
    tables = (attributes.HTTP_GROUPS, attributes.of_group("TCP", "ip"))
    place = f"target groups with the {protocol} protocol"
    kind = given.get("stickiness.type")
    kinds = {kind for each in tables for kind in each["stickiness.type"].valid}
    if kind in kinds.difference(table["stickiness.type"].valid):
        raise _unsupported(f"Stickiness type '{kind}' is not supported for {place}")
    _check(given, table, tables, "target group", place)
    together = {**present, **given}
    _check_slow_start(together)
    if together["stickiness.enabled"] == "true":
        _check_stickiness(together, protocol)


def check_listener(given: Given, protocol: str) -> None:
    """Raise AwsError unless the attributes can be set on a listener of a protocol."""
    tables = attributes.LISTENERS
    place = f"listeners with the {protocol} protocol"
    _check(given, tables.get(protocol, {}), tables.values(), "listener", place)


def _check_slow_start(values: Given) -> None:
    slow = int(values.get("slow_start.duration_seconds", 0))
    if 0 < slow < 30:
        raise _invalid(f"'slow_start.duration_seconds' value '{slow}' must be 0 or '30-900'")
    algorithm = values.get("load_balancing.algorithm.type", "round_robin")
    if slow and algorithm != "round_robin":
        raise _unsupported(f"Slow start is not supported with the algorithm '{algorithm}'")


def _check_stickiness(values: Given, protocol: str) -> None:
    if protocol == "TLS":
        raise _unsupported("You cannot enable stickiness on target groups with the TLS protocol")
    if values["stickiness.type"] != "app_cookie":
        return
    name = values["stickiness.app_cookie.cookie_name"]
    if not name:
        text = "You must set an application cookie name to enable stickiness of type"
        raise _unsupported(f"{text} 'app_cookie'")
    if name.startswith(RESERVED_COOKIES) or not re.fullmatch(COOKIE_NAME, name):
        raise _invalid(f"The application cookie name '{name}' is reserved or not valid")


def _check(given: Given, table: Table, tables: Iterable[Table], of: str, place: str) -> None:
    """Raise AwsError for a name or value that `table` has not; `tables` have all of AWS's names."""
    if not given:
        raise _invalid("Attributes cannot be empty")
    if len(given) > MOST:
        raise _invalid(f"{len(given)} at 'attributes': Member must have at most {MOST}")
    known = {name for each in tables for name in each}
    for name, value in given.items():
        key = f"{of.capitalize()} attribute key '{name}'"
        if name not in known:
            raise _invalid(f"{key} is not recognized")
        if name not in table:
            raise _unsupported(f"{key} is not supported on {place}")
        valid, implemented = table[name].valid, table[name].implemented
        if isinstance(valid, range):
            if not (value.isdecimal() and int(value) in valid):
                text = f"must be between '{valid[0]}-{valid[-1]}' inclusive"
                raise _invalid(f"'{name}' value '{value}' {text}")
        elif valid and value not in valid:
            raise _invalid(f"'{name}' value '{value}' must be one of [{', '.join(valid)}]")
        if implemented is not None and value not in implemented:
            raise not_offered(f"{name}={value} of a {of}")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def _unsupported(message: str) -> AwsError:
    return AwsError("InvalidConfigurationRequest", message)
