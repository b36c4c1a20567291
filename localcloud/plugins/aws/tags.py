"""Tags: in the forms that AWS writes them in, and the provider's own below a resource's."""

from collections.abc import Mapping
from typing import Any

from localcloud.plugins.values import UNKNOWN


def tags_of(value: Any) -> dict[str, str]:
    """Tags from a map or a list of pairs."""
    if isinstance(value, Mapping):
        return dict(value)
    return {
        item.get("Key", item.get("TagKey")): item.get("Value", item.get("TagValue"))
        for item in value or []
    }


def all_tags(default: Mapping[str, str], own: Any) -> Any:
    """The provider's tags under a resource's own, which may not be known yet."""
    return UNKNOWN if own is UNKNOWN else {**default, **(own or {})}


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as most services write them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
