"""Capital letters or small make no difference to a search, in whatever letters a name is written."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db
from models import User
from organizations import finding
from organizations.finding import Filter
from tests.factories import Cast, make_user

OMER, EVA, OLD = "omer@acme.example", "eva@acme.example", "strasse@acme.example"


@pytest.fixture
def people(cast: Cast) -> Cast:
    make_user(cast.acme, OMER, given_name="Ömer", family_name="Łuk")
    make_user(cast.acme, EVA, display_name="Éva ÅNGSTRÖM")
    make_user(cast.acme, OLD, given_name="Jo", family_name="Große-Straße")
    return cast


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ömer", OMER),
        ("Ömer", OMER),
        ("ÖMER", OMER),
        ("öme", OMER),
        ("łuk", OMER),
        ("ŁUK", OMER),
        ("ömer łuk", OMER),
        ("éva", EVA),
        ("ÉVA", EVA),
        ("ångström", EVA),
        ("Ångström", EVA),
        ("éva@", None),
        ("straße", OLD),
        ("STRAßE", OLD),
        ("große-straße", OLD),
        ("ö%", None),
        ("ö_er", None),
    ],
)
def test_the_usual_spellings_are_found(people: Cast, search: str, found: str | None) -> None:
    wanted = Filter(search=search)
    assert [person.email for person in finding.page(people.acme, wanted=wanted)] == ([found] if found else [])
    assert finding.count(people.acme, wanted) == (found is not None)
    query = select(User.email).where(*wanted.conditions(people.acme.id))
    assert list(db.session.scalars(query)) == ([found] if found else [])
