"""Pages of results, which begin at a marker: the number of the results before it."""

import re
from collections.abc import Sequence
from typing import Any

from localcloud.aws.errors import AwsError


def cut(
    results: Sequence[Any], marker: str | None, size: int, code: str
) -> tuple[list[Any], str | None]:
    """A page, and the marker of the next one if there is one. Raises AwsError with this code."""
    start = marker or "0"
    if not re.fullmatch("[0-9]{1,9}", start) or int(start) > len(results):
        raise AwsError(code, f"The marker '{marker}' is not valid")
    end = int(start) + size
    return list(results[int(start) : end]), str(end) if end < len(results) else None
