"""How a person is called, and the initials in the header (S9)."""

from __future__ import annotations

import pytest

from models import User


@pytest.mark.parametrize(
    ("given", "family", "display", "name", "initials"),
    [
        ("Ana", "Sousa", None, "Ana Sousa", "AS"),
        ("ana", "sousa", None, "ana sousa", "AS"),
        ("Ana", "Sousa", "Dr. Ana M. Sousa", "Dr. Ana M. Sousa", "AS"),
        (None, None, "Ana Maria Sousa", "Ana Maria Sousa", "AS"),
        (None, None, "Ana", "Ana", "A"),
        ("Ana", None, None, "Ana", "A"),
        (None, "Sousa", None, "Sousa", "S"),
        (None, None, None, "eve@acme.example", "E"),
        ("", "", "", "eve@acme.example", "E"),
        (None, None, "Élodie Ångström", "Élodie Ångström", "ÉÅ"),
        (None, None, "李 小龙", "李 小龙", "李小"),
        (None, None, "(Ana) Sousa", "(Ana) Sousa", "S"),
        (None, None, "–", "–", "E"),
        ("ß", "x", None, "ß x", "SSX"),
    ],
)
def test_a_person_has_a_name_and_initials_whatever_is_known(
    given: str | None, family: str | None, display: str | None, name: str, initials: str
) -> None:
    user = User(email="eve@acme.example", given_name=given, family_name=family, display_name=display)
    assert (user.name, user.initials) == (name, initials)
