"""Check: what is wrong with a resource's inputs, and what the provider fills in."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from localcloud.plugins.aws.properties import property_failures
from localcloud.plugins.aws.table import Autoname, ResourceType
from localcloud.plugins.values import UNKNOWN, keep_secrets, plain

SUFFIX = "[0-9a-f]{7}"


def check(
    kind: ResourceType,
    name: str,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    seed: bytes,
) -> tuple[dict[str, Any], dict[str, str]]:
    """The inputs to go on with, and the failures by property path.

    Args:
        name: the resource's name in the program.
        olds: the inputs of the last time, if any; an automatic name is taken from them.
        news: what the program gives, secrets and unknowns included.
        seed: what makes an automatic name differ from all others.
    """
    given = {key: value for key, value in plain(news).items() if value is not None}
    failures = dict(property_failures(kind.inputs, given))
    for key, prop in kind.inputs.items():
        if prop.default is not None:
            given.setdefault(key, prop.default)
    if kind.autoname:
        given |= _named(kind.autoname, name, plain(olds), given, seed)
    return {key: keep_secrets(value, news.get(key)) for key, value in given.items()}, failures


def _named(
    auto: Autoname, name: str, olds: Mapping[str, Any], given: Mapping[str, Any], seed: bytes
) -> dict[str, Any]:
    if auto.property in given:
        return {}
    prefix = _prefix(auto, name, given)
    if prefix is None:
        return {auto.property: UNKNOWN}
    old = olds.get(auto.property)  # kept, unless the program chose it then
    if isinstance(old, str) and re.fullmatch(re.escape(prefix) + SUFFIX, old):
        return {auto.property: old}
    return {auto.property: prefix + hashlib.sha256(seed).hexdigest()[:7]}


def _prefix(auto: Autoname, name: str, inputs: Mapping[str, Any]) -> str | None:
    """What an automatic name starts with; None if that is not known yet."""
    given = inputs.get(f"{auto.property}Prefix", f"{auto.before}{name}-")
    return None if given is UNKNOWN else str(given)[: auto.limit - 7]


def named_by_program(kind: ResourceType, name: str, inputs: Mapping[str, Any]) -> bool:
    """Whether the program chose the name, so that a replacement has the same."""
    if kind.autoname is None:
        return False
    value, prefix = inputs.get(kind.autoname.property), _prefix(kind.autoname, name, inputs)
    automatic = prefix is not None and re.fullmatch(re.escape(prefix) + SUFFIX, str(value))
    return value is not UNKNOWN and not automatic
