"""The provider's own configuration: region, credentials and default tags; the rest is refused."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.plugins.aws.kinds import Array, StringMap, string
from localcloud.plugins.aws.properties import Block, Prop, property_failures, unknown_name
from localcloud.plugins.aws.rules import arn
from localcloud.plugins.aws.session import Identity
from localcloud.plugins.values import UNKNOWN, plain

ACCEPTED = ("region", "defaultTags", "profile", "assumeRoles")
_ROLES = Array(
    of=Block(
        fields={
            "roleArn": Prop(string(arn), required=True),
            "sessionName": Prop(),
            "externalId": Prop(),
        }
    )
)
# The SDK sends these for every explicit provider. They turn off checks that this plugin does not
# make; `version` is the engine's.
HARMLESS = (
    "version",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
)


@dataclass(frozen=True)
class Configuration:
    """The configuration of a provider."""

    region: str = ""
    default_tags: dict[str, str] = field(default_factory=dict)
    identity: Identity = Identity()  # noqa: RUF009 (it is frozen)


def failures(given: Mapping[str, Any]) -> dict[str, str]:
    """The failures in the provider's inputs, by name."""
    wrong = {
        key: unknown_name(key, dict.fromkeys(ACCEPTED))
        for key in given
        if key not in ACCEPTED + HARMLESS and not key.startswith("__")
    }
    if given.get("region") is not UNKNOWN and not _region(given):
        wrong["region"] = "is required: set aws:region in the stack's configuration"
    tags = _parsed(given.get("defaultTags"))
    if tags is not UNKNOWN:
        wrong |= property_failures({"tags": Prop(StringMap())}, tags or {}, "defaultTags.")
    roles = {"assumeRoles": _parsed(given.get("assumeRoles")) or []}
    wrong |= property_failures({"assumeRoles": Prop(_ROLES)}, roles)
    return wrong


def read(given: Mapping[str, Any]) -> Configuration:
    """The configuration from inputs without failures, without those that are not known yet."""
    known = {name: value for name, value in plain(given).items() if value is not UNKNOWN}
    tags = _parsed(known.get("defaultTags")) or {}
    return Configuration(
        region=_region(known),
        default_tags=dict(tags.get("tags") or {}),
        identity=Identity(
            profile=known.get("profile") or "",
            roles=tuple(tuple(role.items()) for role in _parsed(known.get("assumeRoles")) or ()),
        ),
    )


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The names of the inputs that differ. An unknown region counts as unchanged."""
    before, after = read(old), read(new)
    moved = plain(new.get("region")) is not UNKNOWN and before.region != after.region
    retagged = plain(new.get("defaultTags")) is UNKNOWN or before.default_tags != after.default_tags
    # A change of the profile, too, is reported as one of assumeRoles.
    others = before.identity != after.identity
    return ["region"] * moved + ["defaultTags"] * retagged + ["assumeRoles"] * others


def _region(given: Mapping[str, Any]) -> str:
    region = plain(given.get("region"))
    return region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def _parsed(value: Any) -> Any:
    """Nested provider inputs come as JSON text."""
    value = plain(value)
    return json.loads(value) if isinstance(value, str) and value else value
