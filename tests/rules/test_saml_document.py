"""docs/saml.md says what the code does: the table of checks, the attribute names, the limits."""

from __future__ import annotations

import re
from pathlib import Path

from saml import attributes, document
from saml.receipt import CHECKS

TEXT = (Path(__file__).parents[2] / "docs" / "saml.md").read_text()


def rows(heading: str) -> list[list[str]]:
    section = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def test_the_checks_are_the_codes_in_its_order() -> None:
    documented = {row[0].strip("`"): row[1].strip(" |") for row in rows("The checks")}
    assert list(documented.items()) == list(CHECKS.items())


def test_the_attribute_names_are_the_codes_in_their_order() -> None:
    documented = {row[0]: re.findall(r"`([^`]+)`", row[1].split(";")[0]) for row in rows("Attributes")}
    assert documented == {
        "e-mail": list(attributes.EMAIL),
        "given name": list(attributes.GIVEN_NAME),
        "family name": list(attributes.FAMILY_NAME),
        "display name": list(attributes.DISPLAY_NAME),
        "groups": list(attributes.GROUPS),
    }


def test_the_limits_are_the_codes() -> None:
    limits = (
        f"{document.MAXIMUM_BYTES // 1024} KB",
        f"{document.MAXIMUM_ELEMENTS:,} elements",
        f"{document.MAXIMUM_NAMES} different names",
        f"{document.MAXIMUM_DEPTH} levels",
        f"{attributes.MAXIMUM_GROUPS} groups",
    )
    assert f"Limits: {', '.join(limits)}." in TEXT
