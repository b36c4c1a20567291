"""Tags in the forms of the AWS APIs; a resource's own with the provider's default tags."""

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
    """The default tags and a resource's own, which win; UNKNOWN if its own are."""
    return UNKNOWN if own is UNKNOWN else {**default, **(own or {})}


def pairs(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as a list of pairs, with the service's names of their parts."""
    return [{key: name, value: text} for name, text in tags.items()]
