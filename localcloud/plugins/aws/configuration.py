"""The provider's own configuration: region and default tags; anything else is refused by name."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.plugins.aws.properties import unknown_name
from localcloud.plugins.values import UNKNOWN, plain

TAKEN = ("region", "defaultTags")
# The SDK sends these for every provider that a program makes. They turn off checks that are not
# made here anyway; `version` is the engine's.
HARMLESS = (
    "version",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
)


@dataclass(frozen=True)
class Configuration:
    """What holds for every resource of a provider."""

    region: str = ""
    default_tags: dict[str, str] = field(default_factory=dict)


def failures(given: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the provider's inputs, by name."""
    wrong = {
        key: unknown_name(key, dict.fromkeys(TAKEN))
        for key in given
        if key not in TAKEN + HARMLESS and not key.startswith("__")
    }
    if given.get("region") is not UNKNOWN and not _region(given):
        wrong["region"] = "is required: set aws:region in the stack's configuration"
    tags = _parsed(given.get("defaultTags"))
    if tags is not UNKNOWN and set(tags or {}) - {"tags"}:
        wrong["defaultTags"] = 'takes only "tags", a map of strings'
    return wrong


def read(given: Mapping[str, Any]) -> Configuration:
    """The configuration from inputs without failures."""
    tags = _parsed(given.get("defaultTags")) or {}
    return Configuration(region=_region(given), default_tags=dict(tags.get("tags") or {}))


def _region(given: Mapping[str, Any]) -> str:
    region = plain(given.get("region"))
    return region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def _parsed(value: Any) -> Any:
    """Nested provider inputs come as JSON text."""
    value = plain(value)
    return json.loads(value) if isinstance(value, str) and value else value
