"""Evaluates IAM policies: whether they allow an action on resources. Pure functions.

Source: "Policy evaluation logic" and "IAM JSON policy elements" of the IAM user guide.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from localcloud.aws.iam import conditions

Effect = Literal["Allow", "Deny"]
Verdict = Literal["allowed", "denied", "not allowed"]
UNKNOWN = "*"  # for a request whose resource has no known ARN
NOTHING = '{"Statement": []}'  # a policy that says nothing


@dataclass(frozen=True)
class PermissionRequest:
    """What a policy has to allow: an action such as "ec2:RunInstances" on `resources` (ARNs), with
    the keys of its context in lower case. `principals` are the names of the caller, for the policy
    of a resource: a role's trust policy, a bucket's or a key's. A resource UNKNOWN matches any
    Resource of an Allow statement, but only "*" of a Deny statement."""

    action: str
    resources: tuple[str, ...] = (UNKNOWN,)
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    principals: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Statement:
    """A statement; `not_actions`: whether `actions` come from NotAction; `not_resources`
    likewise."""

    effect: Effect
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: tuple[conditions.Condition, ...]
    principals: tuple[str, ...]


@lru_cache(maxsize=4096)
def _pattern(text: str, ignore_case: bool) -> re.Pattern[str]:
    escaped = re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def matches(pattern: str, value: str, ignore_case: bool = False) -> bool:
    """Whether a value matches a pattern with * and ?."""
    return _pattern(pattern, ignore_case).fullmatch(value) is not None


def _list(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


@lru_cache(maxsize=1024)
def parse(document: str) -> tuple[Statement, ...]:
    """The statements of a policy document. Raises ValueError if it is not one."""
    content = json.loads(document)
    return tuple(_statement(statement) for statement in _list(content.get("Statement", [])))


def _statement(given: Mapping[str, Any]) -> Statement:
    if "NotPrincipal" in given:
        raise ValueError("NotPrincipal is not offered by the local cloud")
    return Statement(
        effect=given["Effect"],
        actions=_list(given.get("Action", given.get("NotAction", []))),
        not_actions="NotAction" in given,
        resources=_list(given.get("Resource", given.get("NotResource", "*"))),
        not_resources="NotResource" in given,
        conditions=conditions.parse(given.get("Condition") or {}),
        principals=_principals(given.get("Principal", {})),
    )


def _principals(given: Any) -> tuple[str, ...]:
    if given == "*":
        return ("*",)
    return tuple(name for kind in given.values() for name in _list(kind))


def evaluate(documents: Iterable[str], request: PermissionRequest) -> Verdict:
    """Evaluate identity policies: any Deny wins, else every resource needs an Allow."""
    return _verdict([s for document in documents for s in parse(document)], request)


def _verdict(statements: Iterable[Statement], request: PermissionRequest) -> Verdict:
    about = [statement for statement in statements if _names_action(statement, request)]
    resources = request.resources or (UNKNOWN,)
    for resource in resources:
        if any(s.effect == "Deny" and _applies(s, resource, request) for s in about):
            return "denied"
    for resource in resources:
        if not any(s.effect == "Allow" and _applies(s, resource, request) for s in about):
            return "not allowed"
    return "allowed"


def evaluate_resource_policy(document: str, request: PermissionRequest) -> Verdict:
    """Evaluate the policy of a role, a bucket or a key, for `request.principals`."""
    statements = [s for s in parse(document) if _names_principal(s, request)]
    return _verdict(statements, request)


def resource_policy_allows(document: str, request: PermissionRequest) -> bool:
    """Whether the policy of a role, a bucket or a key allows the request by itself."""
    return evaluate_resource_policy(document, request) == "allowed"


def _names_action(statement: Statement, request: PermissionRequest) -> bool:
    named = any(matches(pattern, request.action, True) for pattern in statement.actions)
    return named != statement.not_actions


def _names_principal(statement: Statement, request: PermissionRequest) -> bool:
    return "*" in statement.principals or not request.principals.isdisjoint(statement.principals)


def _applies(statement: Statement, resource: str, request: PermissionRequest) -> bool:
    return _names_resource(statement, resource, request) and conditions.hold(
        statement.conditions, request.context
    )


def _names_resource(statement: Statement, resource: str, request: PermissionRequest) -> bool:
    patterns = [conditions.substitute(text, request.context) for text in statement.resources]
    if resource == UNKNOWN:
        if statement.effect == "Allow":
            return True
        return "*" in patterns and not statement.not_resources
    named = any(matches(pattern, resource) for pattern in patterns)
    return named != statement.not_resources
