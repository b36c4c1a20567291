"""The drawings are those of their texts: `make drawings` makes them."""

import hashlib
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("text", sorted((DOCS / "drawings").glob("*.dot")), ids=lambda p: p.stem)
def test_a_drawing_is_of_its_text(text: Path) -> None:
    drawing = text.with_suffix(".svg").read_text()
    assert f"<!-- sha256 {hashlib.sha256(text.read_bytes()).hexdigest()} -->" in drawing
    assert f"(drawings/{text.stem}.svg)" in (DOCS / "walkthrough.md").read_text()
