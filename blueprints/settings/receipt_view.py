"""The checks of a stored receipt, in the words of the table of checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from saml.receipt import CHECKS


@dataclass(slots=True)
class Check:
    """`cure`: what to do about it, where the page offers that."""

    passed: bool
    words: str
    detail: str
    cure: str = ""


def checks_of(entries: Sequence[dict[str, Any]] | None) -> list[Check]:
    return [
        Check(
            bool(entry.get("passed")),
            CHECKS.get(str(entry.get("name", "")), str(entry.get("name", ""))),
            str(entry.get("detail") or ""),
        )
        for entry in entries or []
    ]
