"""Check: the failures in a resource's inputs, and the inputs that the provider adds."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.errors import AwsError
from localcloud.plugins.aws.properties import property_failures
from localcloud.plugins.aws.resource_type import Autoname, ResourceType
from localcloud.plugins.values import UNKNOWN, keep_secrets, plain

SUFFIX = "[0-9a-f]{7}"


def check(
    resource_type: ResourceType,
    name: str,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    seed: bytes,
) -> tuple[dict[str, Any], dict[str, str]]:
    """The completed inputs, and the failures by property path.

    Args:
        name: the resource's name in the program.
        olds: the last inputs, if any; an automatic name is kept.
        news: the program's inputs, with secrets and unknowns.
        seed: random bytes for a new automatic name.
    """
    given = {key: value for key, value in plain(news).items() if value is not None}
    failures = (
        dict(property_failures(resource_type.inputs, given))
        or dict(resource_type.conflicts(given))
        or dict(_not_offered(resource_type, given))
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
    """The properties that the local cloud refuses by rules of its own, with the reasons."""
    known = {name: _known(given[name]) for name in resource_type.properties if name in given}
    identity = {name: value for name, value in known.items() if name in resource_type.delete_first}
    reported = set()
    # The properties of `delete_first` identify the resource, as an add-on's name does, and the rule
    # for another property may depend on them. They are checked first, each alone; when the others
    # are checked together with them, the same message comes again and is left out.
    for name in sorted(known, key=lambda name: name not in identity):
        alone = {name: known[name]}
        try:
            resource_type.check_offered(
                resource_type.arguments(alone if name in identity else {**identity, **alone})
            )
        except AwsError as error:
            if error.message not in reported:
                yield name, error.message
            reported.add(error.message)


def _known(value: Any) -> Any:
    """A value without its unknown parts; None if it is unknown itself."""
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
    old = olds.get(auto.property)  # kept if it was automatic
    if isinstance(old, str) and re.fullmatch(re.escape(prefix) + SUFFIX, old):
        return {auto.property: old}
    return {auto.property: prefix + hashlib.sha256(seed).hexdigest()[:7]}


def _prefix(auto: Autoname, name: str, inputs: Mapping[str, Any]) -> str | None:
    """The prefix of an automatic name; None if it is not known yet."""
    given = inputs.get(f"{auto.property}Prefix", f"{auto.before}{name}-")
    return None if given is UNKNOWN else str(given)[: auto.limit - 7]


def chosen_name(resource_type: ResourceType, name: str, inputs: Mapping[str, Any]) -> list[str]:
    """The name property, in a list, if the program set it: a replacement would then have the same
    name."""
    auto = resource_type.autoname
    if auto is None or inputs.get(auto.property) is UNKNOWN:
        return []
    prefix = _prefix(auto, name, inputs)
    value = str(inputs.get(auto.property))
    automatic = prefix is not None and re.fullmatch(re.escape(prefix) + SUFFIX, value)
    return [] if automatic else [auto.property]
