"""Check: what is wrong with a resource's inputs, and what the provider fills in."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.errors import AwsError
from localcloud.plugins.aws.properties import property_failures
from localcloud.plugins.aws.table import Autoname, ResourceType
from localcloud.plugins.values import UNKNOWN, keep_secrets, plain

SUFFIX = "[0-9a-f]{7}"


def check(
    resource_type: ResourceType,
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
    failures = dict(property_failures(resource_type.inputs, given)) or dict(
        _not_offered(resource_type, given)
    )
    for key, prop in resource_type.inputs.items():
        if prop.default is not None:
            given.setdefault(key, prop.default)
    if resource_type.autoname:
        given |= _named(resource_type.autoname, name, plain(olds), given, seed)
        named = resource_type.autoname.property
        failures |= property_failures({named: resource_type.inputs[named]}, {named: given[named]})
    return {key: keep_secrets(value, news.get(key)) for key, value in given.items()}, failures


def _not_offered(
    resource_type: ResourceType, given: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """What the local cloud refuses of a resource by rules of its own, by property."""
    known = {name: _known(given[name]) for name in resource_type.properties if name in given}
    identity = {name: value for name, value in known.items() if name in resource_type.delete_first}
    told = set()
    for name in sorted(known, key=lambda name: name not in identity):
        alone = {name: known[name]}
        try:
            resource_type.offered(
                resource_type.arguments(alone if name in identity else {**identity, **alone})
            )
        except AwsError as error:
            if error.message not in told:  # by what the resource is, not by this property
                yield name, error.message
            told.add(error.message)


def _known(value: Any) -> Any:
    """The part of a value that is known: None if nothing is."""
    if isinstance(value, Mapping):
        return {key: _known(item) for key, item in value.items() if item is not UNKNOWN}
    if isinstance(value, list):
        return [_known(item) for item in value if item is not UNKNOWN]
    return None if value is UNKNOWN else value


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


def named_by_program(resource_type: ResourceType, name: str, inputs: Mapping[str, Any]) -> bool:
    """Whether the program chose the name, so that a replacement has the same."""
    if resource_type.autoname is None:
        return False
    value, prefix = (
        inputs.get(resource_type.autoname.property),
        _prefix(resource_type.autoname, name, inputs),
    )
    automatic = prefix is not None and re.fullmatch(re.escape(prefix) + SUFFIX, str(value))
    return value is not UNKNOWN and not automatic
