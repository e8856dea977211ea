"""Names and domains in other letters than ASCII: found whichever way they are written, shown as people write them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from database import db
from models import User
from organizations import finding
from organizations.finding import Filter
from tests.factories import Cast, make_user
from tests.flows.people.conftest import PEOPLE, page_of
from tests.signing_in import Browser

IDN = "o@xn--mnchen-3ya.example"
OMER, EVA, OLD = "omer@acme.example", "eva@acme.example", "strasse@acme.example"


@pytest.fixture
def people(cast: Cast) -> Cast:
    make_user(cast.acme, OMER, given_name="Ömer", family_name="Łuk")
    make_user(cast.acme, EVA, display_name="Éva ÅNGSTRÖM")
    make_user(cast.acme, IDN, display_name="Olaf")
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
        ("münchen", IDN),
        ("MÜNCHEN.example", IDN),
        ("o@münchen", IDN),
        ("xn--mnchen", IDN),
        (".münchen", None),
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


@pytest.mark.parametrize("display_name", ["Olaf", None])
def test_a_domain_in_other_letters_is_shown_beside_the_stored_one(
    cast: Cast, ana: Browser, get_page, display_name: str | None
) -> None:
    olaf = make_user(cast.acme, IDN, display_name=display_name)
    for path in (PEOPLE, page_of(olaf)):
        words = get_page(ana, path).words
        assert f"{IDN} o@münchen.example" in words
        assert words.count("münchen") == 1
