"""Pagination: nextToken is the number of items on the earlier pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.aws.eks.state import invalid

PAGE = 100


def cut(name: str, items: Sequence[Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The page of `items` that `params` ask for, under `name`."""
    token = params.get("nextToken") or "0"
    if not token.isdigit():
        raise invalid(f"The nextToken {token} is invalid")
    start = int(token)
    end = start + int(params.get("maxResults") or PAGE)
    page: dict[str, Any] = {name: list(items[start:end])}
    if end < len(items):
        page["nextToken"] = str(end)
    return page
