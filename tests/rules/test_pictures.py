"""The pictures for admins: each is shown somewhere, says in words what is to be seen, and is small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rules.source import ROOT

LARGEST_BYTES = 100_000
PICTURES = sorted((ROOT / "docs" / "admins").rglob("*.png"))
_SHOWN = re.compile(r"!\[([^]]*)\]\(([^)]+\.png)\)")


def shown() -> dict[Path, list[str]]:
    """Picture → what is said of it, in each place where it is shown."""
    found: dict[Path, list[str]] = {}
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for words, target in _SHOWN.findall(document.read_text(encoding="utf-8")):
            found.setdefault((document.parent / target).resolve(), []).append(words)
    return found


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_shown_described_and_small(path: Path) -> None:
    described = shown().get(path, [])
    assert described, "no document shows it"
    assert all(len(words.split()) >= 5 for words in described), described
    assert path.stat().st_size <= LARGEST_BYTES
