"""The actions of rules and listeners, as AWS checks them.

docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html and
.../latest/APIReference/API_Action.html
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from localcloud.aws.elbv2 import limits, offered
from localcloud.aws.errors import AwsError

Action = dict[str, Any]  # with botocore's names

MEMBERS = {
    "forward": {"TargetGroupArn", "ForwardConfig"},
    "redirect": {"RedirectConfig"},
    "fixed-response": {"FixedResponseConfig"},
}
# What a redirect does not modify, and the components of the request that it can contain.
UNMODIFIED = {
    "Protocol": "#{protocol}",
    "Port": "#{port}",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
}
KEYWORDS = {
    "Protocol": {"protocol"},
    "Port": {"port"},
    "Host": {"host"},
    "Path": {"host", "path", "port"},
    "Query": {"protocol", "host", "port", "path", "query"},
}
CONTENT_TYPES = (
    "text/plain",
    "text/css",
    "text/html",
    "application/javascript",
    "application/json",
)
HEAVIEST = 999
WEEK = 604800  # seconds, the longest stickiness


@dataclass(frozen=True)
class ActionContext:
    """The listener that an action belongs to; `kind` is the load balancer's type."""

    kind: str
    protocol: str
    port: int


def checked(actions: Iterable[Action], listener: ActionContext) -> list[Action]:
    """The actions in the form that DescribeRules returns. Raises AwsError."""
    made = [_checked(action, listener) for action in actions]
    if len(made) > 1:
        raise offered.not_offered("more than one action in a rule")
    return made


def _checked(action: Action, listener: ActionContext) -> Action:
    kind = action.get("Type")
    if kind not in MEMBERS or (listener.kind == "network" and kind != "forward"):
        raise offered.not_offered(f"the action {kind} of a {listener.kind} load balancer")
    extra = [each for each, value in action.items() if value and each not in MEMBERS[kind]]
    if extra := sorted({*extra} - {"Type", "Order"}):
        raise _invalid(f"{', '.join(extra)} cannot be given for an action of type '{kind}'")
    if not any(action.get(member) for member in MEMBERS[kind]):
        needed = " or ".join(f"'{member}'" for member in sorted(MEMBERS[kind]))
        text = f"For actions of type '{kind}', you must specify the following fields: {needed}"
        raise _invalid(text)
    if kind == "forward":
        return {**action, **_forward(action, listener.kind)}
    if kind == "redirect":
        return {**action, "RedirectConfig": _redirect(action["RedirectConfig"], listener)}
    content = action["FixedResponseConfig"].get("ContentType")
    if content and content not in CONTENT_TYPES:
        raise _invalid(f"The ContentType must be one of: {', '.join(CONTENT_TYPES)}")
    return action


def _redirect(config: dict[str, Any], listener: ActionContext) -> dict[str, Any]:
    made = {**UNMODIFIED, **config}
    # "You must modify at least one of the following components to avoid a redirect loop:
    # protocol, hostname, port, or path." (API_RedirectActionConfig); the query is not enough.
    same = {"Protocol": listener.protocol, "Port": str(listener.port)}
    if all(made[n] in (UNMODIFIED[n], same.get(n)) for n in ("Protocol", "Host", "Port", "Path")):
        raise _invalid("The redirect configuration is not valid because it creates a loop.")
    if listener.protocol == "HTTPS" and made["Protocol"] == "HTTP":
        raise _invalid("The redirect configuration is not valid: HTTPS cannot redirect to HTTP")
    port = str(made["Port"])
    if port != UNMODIFIED["Port"] and not (port.isdecimal() and 1 <= int(port) <= 65535):
        raise _invalid(f"The redirect port '{port}' must be from 1 to 65535 or '#{{port}}'")
    if not made["Path"].startswith("/"):
        raise _invalid(f"The redirect path '{made['Path']}' must begin with '/'")
    if made["Query"].startswith("?"):
        raise _invalid(f"The redirect query '{made['Query']}' must not begin with '?'")
    for name, allowed in KEYWORDS.items():
        if unknown := set(re.findall(r"#\{(.*?)\}", str(made[name]))) - allowed:
            text = f"'{name}' of a redirect cannot contain #{{{min(unknown)}}}"
            raise _invalid(text)
    return made


def _forward(action: Action, balancer_type: str) -> Action:
    """ForwardConfig, and TargetGroupArn too if there is only one group, as DescribeRules returns
    them."""
    config, arn = action.get("ForwardConfig") or {}, action.get("TargetGroupArn")
    groups = config.get("TargetGroups") or ([{"TargetGroupArn": arn}] if arn else [])
    if not groups:
        raise _invalid("A target group must be specified for actions of type 'forward'")
    if arn and [group["TargetGroupArn"] for group in groups] != [arn]:
        raise _invalid("TargetGroupArn and ForwardConfig must specify the same target group")
    limits.check(f"target-groups-per-action-on-{balancer_type}-load-balancer", len(groups))
    for group in groups:
        if not 0 <= int(group.get("Weight", 1)) <= HEAVIEST:
            raise _value("weight", group["Weight"], 0, HEAVIEST)
    sticky = config.get("TargetGroupStickinessConfig") or {}
    if sticky.get("Enabled"):
        if balancer_type == "network":
            raise offered.not_offered("TargetGroupStickinessConfig of a network load balancer")
        if not 1 <= int(sticky.get("DurationSeconds") or 0) <= WEEK:
            raise _value("durationSeconds", sticky.get("DurationSeconds"), 1, WEEK)
    made: Action = {"ForwardConfig": {**config, "TargetGroups": groups}}
    return {**made, "TargetGroupArn": groups[0]["TargetGroupArn"]} if len(groups) == 1 else made


def target_groups(actions: Iterable[Action]) -> set[str]:
    """The ARNs of the target groups that actions forward to."""
    configs = (action.get("ForwardConfig") or {} for action in actions)
    groups = (group for config in configs for group in config.get("TargetGroups", ()))
    return {group["TargetGroupArn"] for group in groups}


def _value(what: str, value: Any, least: int, most: int) -> AwsError:
    text = f"Value '{value}' at '{what}' failed to satisfy constraint"
    return AwsError("ValidationError", f"{text}: Member must be from {least} to {most}")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidLoadBalancerAction", message)
