"""Pages of the lists of EKS."""

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.aws import pages

PAGE = 100


def cut(name: str, items: Sequence[Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The page of `items` that `params` ask for, under `name`."""
    size = params.get("maxResults") or PAGE
    page, following = pages.cut(items, params.get("nextToken"), size, "InvalidParameterException")
    return {name: page, "nextToken": following}
