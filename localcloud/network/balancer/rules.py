"""Listener rules in nginx terms: what they match, and the targets of redirects."""

from localcloud.aws.snapshots import Condition, Forward, ListenerRule, Redirect
from localcloud.network.balancer.quoting import filled, pattern, quoted

NOWHERE = "nowhere"  # no location has this name, so it is answered with 503
_PLACEHOLDERS = {
    "#{protocol}": "$scheme",
    "#{host}": "$host",
    "#{port}": "$server_port",
    "#{path}": "$lb_path",
    "#{query}": "$args",
}


def match(rule: ListenerRule) -> str:
    """A map's key for a rule: `default`, or an expression for host, space and path."""
    if not rule.conditions:
        return "default"
    parts = {"host-header": "[^ ]*", "path-pattern": ".*"}
    for condition in rule.conditions:
        parts[condition.field] = _alternatives(condition)
    if len({condition.field for condition in rule.conditions}) < len(rule.conditions):
        raise ValueError(f"{rule.arn}: two conditions of one field are not implemented")
    return quoted(f"~^{parts['host-header']} {parts['path-pattern']}$")


def _alternatives(condition: Condition) -> str:
    host = condition.field == "host-header"
    values = (value.lower() if host else value for value in condition.values)
    return f"(?:{'|'.join(pattern(value, '[^ ]' if host else '.') for value in values)})"


def pick(name: str, rule: ListenerRule, names: dict[str, str]) -> str:
    """A `split_clients` block for a forward with weights."""
    if not isinstance(rule.action, Forward) or len(rule.action.groups) == 1:
        return ""
    weights = [(names[arn], weight) for arn, weight in rule.action.groups if weight > 0]
    total = sum(weight for _, weight in weights)
    shares = [f"    {100 * weight / total:.2f}% {group};\n" for group, weight in weights[:-1]]
    last = weights[-1][0] if weights else NOWHERE
    return f"  split_clients $request_id $pick_{name} {{\n{''.join(shares)}    * {last};\n  }}\n"


def target(redirect: Redirect) -> str:
    """The target URL of a redirect, quoted."""
    host, port, path = (filled(part, _PLACEHOLDERS)
                        for part in (redirect.host, redirect.port, redirect.path))  # fmt: skip
    scheme = filled(redirect.protocol, _PLACEHOLDERS).lower()
    if redirect.query == "#{query}":
        query = "$is_args$args"  # without a query, no question mark
    else:
        query = f"?{filled(redirect.query, _PLACEHOLDERS)}" if redirect.query else ""
    return quoted(f"{scheme}://{host}:{port}{path}{query}")
