"""docs/statements.md lists the checks as they are."""

import re
from pathlib import Path

from checks.statements import CHECKS

DOCUMENT = Path(__file__).parents[3] / "docs" / "statements.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| .+ \| `(\w+\.\w+)` \| .+ \|$", re.MULTILINE)


def test_the_document_lists_every_check_with_its_function() -> None:
    listed = ROW.findall(DOCUMENT.read_text())

    assert listed == [(str(each.number), each.title, _place(each.outcomes)) for each in CHECKS]


def _place(function: object) -> str:
    """File and function; of a function that another one makes, that one."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    return f"{module.removeprefix('checks.')}.{name.partition('.')[0]}"
