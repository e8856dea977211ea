"""The pictures in the documents: each is shown somewhere, says in words what is to be seen, and is small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rules.source import ROOT

LARGEST_BYTES = 100_000
PICTURES = sorted((ROOT / "docs").rglob("*.png"))
_SHOWN = re.compile(r"!\[([^]]*)\]\(([^)]+\.png)\)")
_LIGHT_AND_DARK = re.compile(r'srcset="([^"]+)">\s*<img alt="([^"]*)" src="([^"]+)"')


def shown() -> dict[Path, list[str]]:
    """Picture → what is said of it, in each place where it is shown."""
    found: dict[Path, list[str]] = {}
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = document.read_text(encoding="utf-8")
        both = _LIGHT_AND_DARK.findall(text)
        of_both = [(words, target) for dark, words, light in both for target in (dark, light)]
        for words, target in _SHOWN.findall(text) + of_both:
            found.setdefault((document.parent / target).resolve(), []).append(words)
    return found


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_shown_described_and_small(path: Path) -> None:
    described = shown().get(path, [])
    assert described, "no document shows it"
    assert all(len(words.split()) >= 5 for words in described), described
    assert path.stat().st_size <= LARGEST_BYTES
