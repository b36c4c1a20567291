"""Listener rules as data for lua/rules.lua and lua/balancer.lua: pure functions."""

import re
from ipaddress import IPv4Network, ip_network
from typing import Any

from localcloud.aws.elbv2.snapshots import (
    Action,
    Condition,
    FixedResponse,
    ListenerRule,
    Redirect,
)
from localcloud.network.balancer.lua_text import pattern

REDIRECT_PARTS = ("protocol", "host", "port", "path", "query")  # also the placeholders in them
LOWERED = ("host-header", "http-header", "query-string")  # compared without regard to case


def data(rule: ListenerRule) -> dict[str, Any]:
    """A rule as lua/rules.lua reads it. Raises ValueError for a redirect's unknown placeholder."""
    return {
        "conditions": [_condition(one) for one in rule.conditions],
        "action": _action(rule),
        "priority": rule.priority or 0,  # access logs have 0 for the default rule
    }


def _condition(condition: Condition) -> dict[str, Any]:
    def patterns(values: tuple[str, ...]) -> list[str]:
        lowered = condition.field in LOWERED
        escapes = condition.field == "query-string"
        return [pattern(value.lower() if lowered else value, escapes) for value in values]

    found: dict[str, Any] = {"field": condition.field}
    if condition.field == "source-ip":
        return found | {"networks": _ranges(condition.values)}
    if condition.field == "query-string":
        return found | {"pairs": [patterns((key or "*", value)) for key, value in condition.pairs]}
    return found | {"values": patterns(condition.values), "name": condition.name.lower()}


def _ranges(cidrs: tuple[str, ...]) -> list[tuple[int, int]]:
    """The first and last address of each IPv4 network; no client has an IPv6 address."""
    networks = (ip_network(cidr, strict=False) for cidr in cidrs)
    return [
        (int(network.network_address), int(network.broadcast_address))
        for network in networks
        if isinstance(network, IPv4Network)
    ]


def _action(rule: ListenerRule) -> dict[str, Any]:
    action: Action = rule.action
    if isinstance(action, Redirect):
        return {"type": "redirect", **_redirect(action)}
    if isinstance(action, FixedResponse):
        return {
            "type": "fixed-response",
            "status": action.status,
            "content_type": action.content_type or "text/plain",
            "body": action.body,
        }
    groups = [{"id": arn, "weight": weight} for arn, weight in action.groups]
    return {"type": "forward", "groups": groups, "stickiness": action.stickiness}


def _redirect(redirect: Redirect) -> dict[str, Any]:
    parts = {name: getattr(redirect, name) for name in REDIRECT_PARTS}
    for part in parts.values():
        unknown = set(re.findall(r"#\{([a-z]+)\}", part)) - {*REDIRECT_PARTS}
        if unknown:
            raise ValueError(f"redirect to {part!r}: there is no placeholder #{{{min(unknown)}}}")
    return {**parts, "status": redirect.status}
