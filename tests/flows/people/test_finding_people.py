"""The list: search, filters, pages, counts; the person's page; what other organizations cannot see of either."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import insert, select

from blueprints.settings.people.words import moment
from database import db
from models import Organization, User
from organizations import counting, finding
from organizations.finding import Filter
from tests.factories import EVE, Cast, make_user
from tests.flows.people.conftest import PEOPLE, page_of, person
from tests.pages import Page
from tests.signing_in import Browser


@pytest.fixture
def many(cast: Cast) -> None:
    """Acme has ana, ben and root; and these."""
    make_user(cast.acme, "zoe@acme.example", role="collaborator", given_name="Zoë", family_name="Ek")
    make_user(cast.acme, "gone@acme.example", status="deactivated", display_name="100% Gone")
    make_user(cast.acme, "new@elsewhere.example", status="invited", origin="invitation", role="admin")
    configuration = cast.acme.connection.live_configuration_id
    make_user(
        cast.acme, EVE.email, origin="jit", created_by_configuration_id=configuration, created_by_reference="ABCD-EFGH"
    )


def listed(page: Page) -> list[str]:
    return [address for address in page.words.split() if "@" in address]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ZO", ["zoe"]),
        ("q=sousa+ana", ["ana"]),
        ("q=acme.example+ek", ["zoe"]),
        ("q=100%25", ["gone"]),
        ("q=%25%25", []),
        ("q=_", []),
        ("q=globex", []),
        ("role=collaborator", ["zoe"]),
        ("status=deactivated", ["gone"]),
        ("status=invited", ["new"]),
        ("origin=jit", ["eve"]),
        ("origin=setup&role=admin&status=active", ["ana", "root"]),
        ("q=a&role=admin&origin=invitation", ["new"]),
        ("role=owner&status=x&origin=%00", ["ana", "ben", "eve", "gone", "new", "root", "zoe"]),
        ("q=%00", ["ana", "ben", "eve", "gone", "new", "root", "zoe"]),
    ],
)
def test_search_and_filters(many: None, ana: Browser, get_page, query: str, found: list[str]) -> None:
    page = get_page(ana, f"{PEOPLE}?{query}")
    links = [row.get("href", "").partition("?")[0] for row in page.root.iter("a")]
    shown = [link.rsplit("/", 1)[1] for link in links if link.startswith(f"{PEOPLE}/")]
    numbers = {str(user.id): user.email.partition("@")[0] for user in db.session.query(User)}
    assert [numbers[number] for number in shown if number in numbers] == found
    if "owner" not in query and query != "q=%00":
        words = {0: "0 people match.", 1: "1 person matches."}.get(len(found), f"{len(found)} people match.")
        assert words in page.words


def test_counts_and_seats_in_words(many: None, cast: Cast, ana: Browser, get_page) -> None:
    page = get_page(ana, PEOPLE)
    assert "7 people: 5 active, 1 invited, 1 deactivated. There is no limit of seats." in page.words
    for seats, words in (
        (20, "6 of 20 seats are taken, 14 are left."),
        (7, "6 of 7 seats are taken, 1 is left."),
        (6, "6 of 6 seats are taken, none is left."),
        (4, "6 of 4 seats are taken, 2 people too many: nobody new gets an account until some are free."),
    ):
        db.session.get_one(Organization, cast.acme.id).seats = seats
        db.session.commit()
        page = get_page(ana, PEOPLE)
        assert words in page.words
        assert ("notice-warning" in page.text) == (seats <= 6)


def test_page_by_page_with_the_filter_and_back_to_the_first(cast: Cast, ana: Browser, get_page) -> None:
    rows = [
        {"organization_id": cast.acme.id, "email": f"p{n:03}@acme.example", "role": "collaborator", "origin": "setup"}
        for n in range(120)
    ]
    db.session.execute(insert(User), rows)
    db.session.commit()
    path, seen = f"{PEOPLE}?q=acme&role=collaborator", []
    for turn in range(5):
        page = get_page(ana, path)
        seen += listed(page)
        assert "More than 100 people match." in page.words
        links = page.links()
        assert ("First page" in links) == (turn > 0)
        assert ("Next page" in links) == (turn < 4)
        path = links.get("Next page", path)
        assert "role=collaborator" in path
    assert seen == [row["email"] for row in rows]
    assert get_page(ana, links["First page"]).links().get("Next page")
    assert "nobody after this point" in get_page(ana, f"{PEOPLE}?after=zzz").words


def test_a_persons_page_tells_where_the_account_comes_from(
    cast: Cast, ana: Browser, browser: Browser, get_page
) -> None:
    cast.acme.jit_on = True
    db.session.commit()
    browser.sso(cast.acme, EVE)
    eve = person(EVE.email)
    page = get_page(ana, page_of(eve))
    entity_id = cast.acme.connection.live_configuration.idp_entity_id
    for words in ("Eve Lindqvist", "First SSO sign-in", f"Configuration 1 of {entity_id}", "General since"):
        assert words in page.words
    assert page.words.count(eve.created_by_reference) >= 3, "the account, its receipt, its event"
    assert f"Identity provider {entity_id}" in page.words
    assert "Single sign-on since" in page.words
    assert "Account created by JIT Provisioning" in page.words
    assert page.links()["Eve Lindqvist" if "Eve Lindqvist" in page.links() else "All people"]
    assert get_page(ana, PEOPLE).links()["Eve Lindqvist"] == page_of(eve)


def test_another_organizations_person_is_nobody(app: Flask, cast: Cast, ana: Browser) -> None:
    before = person("cleo@globex.example")
    wanted = (before.role, before.status)
    for path in ("", "/deactivate", "/role?role=admin", "/reset-sso-link", "/withdraw"):
        theirs, nobodys = (ana.get(f"{PEOPLE}/{number}{path}") for number in (cast.cleo.id, 2_000_000_000))
        # All but the token of the form in the header, which holds the second that it was made in.
        texts = [re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text) for answer in (theirs, nobodys)]
        assert (theirs.status_code, texts[0]) == (404, texts[1]), path
    for path in ("role", "deactivate", "reactivate", "reset-sso-link", "sign-out", "invite-again", "withdraw"):
        answer = ana.post(f"{PEOPLE}/{cast.cleo.id}/{path}", {"role": "viewer", "confirmed": "y"})
        assert answer.status_code == 404, path
    after = person("cleo@globex.example")
    assert (after.role, after.status) == wanted
    assert ana.get(f"{PEOPLE}/99999999999999999999").status_code == 404


def test_what_happened_to_the_same_address_elsewhere_is_not_shown(
    app: Flask, cast: Cast, ana: Browser, get_page
) -> None:
    twin = make_user(cast.globex, "ben@acme.example", role="viewer")
    cleo = Browser(app).sign_in_as(cast.cleo)
    cleo.post(f"/o/globex/settings/people/{twin.id}/role", {"role": "collaborator"})
    cleo.post("/sign-in/password", {"email": "ben@acme.example", "password": "x", "organization": "globex"})
    page = get_page(ana, page_of(cast.ben))
    assert "cleo" not in page.text
    assert "Role changed" not in page.words
    assert "Refused" not in page.words


@pytest.mark.both_databases
@pytest.mark.parametrize("matching", [None, 1])
def test_a_few_and_many_are_found_in_the_same_order(cast: Cast, matching: int | None) -> None:
    """By the index of their kind, or on the way through all addresses."""
    kinds = product(range(3), ("viewer", "admin"), ("setup", "invitation"), ("active", "invited"))
    rows = [
        {"email": f"{n}-{role}-{origin}-{status}@x.example", "role": role, "origin": origin, "status": status}
        for n, role, origin, status in kinds
    ]
    db.session.execute(insert(User), [row | {"organization_id": cast.acme.id} for row in rows])
    db.session.commit()
    for wanted in (Filter(status="invited"), Filter(role="viewer", origin="invitation"), Filter(status="active")):
        first = finding.page(cast.acme, limit=2, wanted=wanted, matching=matching)
        rest = finding.page(cast.acme, first[-1].email, wanted=wanted, matching=matching)
        expected = db.session.scalars(select(User.email).where(*wanted.conditions(cast.acme.id)).order_by(User.email))
        assert [found.email for found in first + rest] == list(expected)


def test_a_moment_in_a_list_reads_as_everywhere(app: Flask) -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
    component = app.jinja_env.get_template("components/words.html").module.time(at)
    assert component == '<time datetime="{}">{}</time>'.format(*moment(at))


def test_an_empty_filter_is_everybody(cast: Cast) -> None:
    assert not Filter()
    assert counting.counts(cast.acme).of() == 3
